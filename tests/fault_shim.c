/* Makes a file system misbehave for one program: LD_PRELOAD it, name a folder in FAULT_UNDER and a file in FAULT_FLAG.
   While that file holds "hang", whatever touches the folder waits; while it holds a number, whatever would change the
   folder fails with that errno; while it holds c and a number, only fsync and close do, as on a server that learns of
   its quota late. FAULT_CLOCK names a file with the seconds that the wall clock is to be off by. Built by tests/test_faults.py. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int flagged(char *word, size_t size) {
    const char *flag = getenv("FAULT_FLAG");
    if (!flag) return 0;
    int fd = REAL(open)(flag, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t got = REAL(read)(fd, word, size - 1);
    REAL(close)(fd);
    word[got > 0 ? got : 0] = 0;
    return got > 0;
}

/* 0, or -1 with errno set. */
static int trouble(const char *path, int changes) {
    const char *under = getenv("FAULT_UNDER");
    char word[16];
    if (!under || !path || strncmp(path, under, strlen(under))) return 0;
    while (flagged(word, sizeof word)) {
        if (word[0] == 'c') return 0;
        if (strncmp(word, "hang", 4)) {
            if (!changes) return 0;
            errno = atoi(word);
            return -1;
        }
        usleep(20000);
    }
    return 0;
}

static int trouble_at(int fd, int changes) {
    char link[64], path[PATH_MAX];
    if (!getenv("FAULT_UNDER")) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, sizeof path - 1);
    if (got < 0) return 0;
    path[got] = 0;
    return trouble(path, changes);
}

static long shift(void) {
    static long seconds;
    static time_t looked;
    const char *name = getenv("FAULT_CLOCK");
    struct timespec now;
    char word[16];
    if (!name || REAL(clock_gettime)(CLOCK_MONOTONIC, &now) || now.tv_sec == looked) return name ? seconds : 0;
    looked = now.tv_sec;
    int fd = REAL(open)(name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : REAL(read)(fd, word, sizeof word - 1);
    if (fd >= 0) REAL(close)(fd);
    word[got > 0 ? got : 0] = 0;
    return seconds = atol(word);
}
int clock_gettime(clockid_t clock, struct timespec *found) {
    int answer = REAL(clock_gettime)(clock, found);
    if (!answer && clock == CLOCK_REALTIME) found->tv_sec += shift();
    return answer;
}
time_t time(time_t *found) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    if (found) *found = now.tv_sec;
    return now.tv_sec;
}

/* Whether the last steps of writing are refused. */
static int late(int fd) {
    const char *under = getenv("FAULT_UNDER");
    char link[64], path[PATH_MAX], word[16];
    if (!under || !flagged(word, sizeof word) || word[0] != 'c') return 0;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t got = readlink(link, path, sizeof path - 1);
    if (got < 0) return 0;
    path[got] = 0;
    return strncmp(path, under, strlen(under)) ? 0 : atoi(word + 1);
}

#define MODE(flags) mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
#define CHANGES(flags) ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT))

int open(const char *path, int flags, ...) { MODE(flags) return trouble(path, CHANGES(flags)) ? -1 : REAL(open)(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return trouble(path, CHANGES(flags)) ? -1 : REAL(open64)(path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return trouble(path, CHANGES(flags)) ? -1 : REAL(openat)(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return trouble(path, CHANGES(flags)) ? -1 : REAL(openat64)(at, path, flags, mode); }
int stat(const char *path, struct stat *found) { return trouble(path, 0) ? -1 : REAL(stat)(path, found); }
int lstat(const char *path, struct stat *found) { return trouble(path, 0) ? -1 : REAL(lstat)(path, found); }
int fstatat(int at, const char *path, struct stat *found, int flags) { return trouble(path, 0) ? -1 : REAL(fstatat)(at, path, found, flags); }
int stat64(const char *path, struct stat64 *found) { return trouble(path, 0) ? -1 : REAL(stat64)(path, found); }
int lstat64(const char *path, struct stat64 *found) { return trouble(path, 0) ? -1 : REAL(lstat64)(path, found); }
int fstatat64(int at, const char *path, struct stat64 *found, int flags) { return trouble(path, 0) ? -1 : REAL(fstatat64)(at, path, found, flags); }
int statx(int at, const char *path, int flags, unsigned mask, struct statx *found) { return trouble(path, 0) ? -1 : REAL(statx)(at, path, flags, mask, found); }
int statvfs64(const char *path, struct statvfs64 *found) { return trouble(path, 0) ? -1 : REAL(statvfs64)(path, found); }
int access(const char *path, int how) { return trouble(path, 0) ? -1 : REAL(access)(path, how); }
DIR *opendir(const char *path) { return trouble(path, 0) ? NULL : REAL(opendir)(path); }
int mkdir(const char *path, mode_t mode) { return trouble(path, 1) ? -1 : REAL(mkdir)(path, mode); }
int rmdir(const char *path) { return trouble(path, 1) ? -1 : REAL(rmdir)(path); }
int unlink(const char *path) { return trouble(path, 1) ? -1 : REAL(unlink)(path); }
int rename(const char *from, const char *to) { return trouble(to, 1) ? -1 : REAL(rename)(from, to); }
ssize_t write(int fd, const void *from, size_t count) { return trouble_at(fd, 1) ? -1 : REAL(write)(fd, from, count); }
ssize_t pwrite(int fd, const void *from, size_t count, off_t at) { return trouble_at(fd, 1) ? -1 : REAL(pwrite)(fd, from, count, at); }
ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) { return trouble_at(fd, 1) ? -1 : REAL(pwrite64)(fd, from, count, at); }
int fsync(int fd) {
    int refused = late(fd);
    if (refused) {
        errno = refused;
        return -1;
    }
    return trouble_at(fd, 1) ? -1 : REAL(fsync)(fd);
}
int close(int fd) {
    int refused = late(fd), answer = REAL(close)(fd);
    if (!refused) return answer;
    errno = refused;
    return -1;
}
