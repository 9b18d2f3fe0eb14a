/* Writes down, in order, every change that a process makes below one folder, and every fsync of it.
 *
 * Preloaded into one run of a workload (LD_PRELOAD, with PHR_SHIM_ROOT and PHR_SHIM_LOG). The real call is made first;
 * a lock around call and note keeps the order. A record: op, length of the name, length of the other name (3 x u32),
 * inode, offset, length of the data (3 x u64), then name, other name and data.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, SYNC, SYNC_FOLDER, RENAME, UNLINK, MKDIR, LINK };

static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("PHR_SHIM_ROOT"), *log = getenv("PHR_SHIM_LOG");
    if (!folder || !log || !realpath(folder, root)) return;
    root_length = strlen(root);
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    unsetenv("LD_PRELOAD"); /* children of the workload are not its own changes */
}

static void must_write(const void *data, size_t length) {
    const char *at = data;
    while (length) {
        ssize_t done = syscall(SYS_write, log_file, at, length);
        if (done < 0) abort();
        at += done;
        length -= (size_t)done;
    }
}

static void note(uint32_t op, const char *name, const char *other, uint64_t inode, uint64_t offset, const void *data,
                 uint64_t length) {
    uint32_t small[3] = {op, (uint32_t)strlen(name), (uint32_t)strlen(other)};
    uint64_t large[3] = {inode, offset, length};
    must_write(small, sizeof small);
    must_write(large, sizeof large);
    must_write(name, small[1]);
    must_write(other, small[2]);
    if (data) must_write(data, length);
}

/* The path inside the folder, without it; NULL where it is outside, or nothing is watched. */
static const char *inside(const char *path) {
    if (log_file < 0 || strncmp(path, root, root_length)) return NULL;
    if (path[root_length] == '\0') return path + root_length;
    return path[root_length] == '/' ? path + root_length + 1 : NULL;
}

static const char *name_of(int file, char *buffer) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length < 0) return NULL;
    buffer[length] = '\0';
    return inside(buffer);
}

static const char *whole(int folder, const char *path, char *buffer) {
    char base[PATH_MAX];
    if (path[0] == '/') return inside(path);
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return NULL;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return NULL;
        base[length] = '\0';
    }
    if (snprintf(buffer, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return NULL;
    return inside(buffer);
}

static uint64_t inode_of(int file) {
    struct stat found;
    return fstat(file, &found) ? 0 : found.st_ino;
}

#define LOCK pthread_mutex_lock(&door)
#define UNLOCK(answer) do { int kept = errno; pthread_mutex_unlock(&door); errno = kept; return answer; } while (0)

static int opened(int folder, const char *path, int flags, mode_t mode) {
    char buffer[PATH_MAX];
    const char *name = flags & (O_CREAT | O_TRUNC) ? whole(folder, path, buffer) : NULL;
    if (!name) return (int)syscall(SYS_openat, folder, path, flags, mode);
    LOCK;
    int there = faccessat(folder, path, F_OK, 0) == 0;
    int file = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (file >= 0 && !there) note(CREATE, name, "", inode_of(file), 0, NULL, 0);
    else if (file >= 0 && flags & O_TRUNC) note(TRUNCATE, name, "", inode_of(file), 0, NULL, 0);
    UNLOCK(file);
}

#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags | O_LARGEFILE, mode); }

ssize_t write(int file, const void *data, size_t length) {
    char buffer[PATH_MAX];
    const char *name = log_file < 0 || file == log_file ? NULL : name_of(file, buffer);
    if (!name) return syscall(SYS_write, file, data, length);
    LOCK;
    ssize_t done = syscall(SYS_write, file, data, length);
    off_t after = lseek(file, 0, SEEK_CUR);
    if (done > 0) note(WRITE, name, "", inode_of(file), (uint64_t)(after - done), data, (uint64_t)done);
    UNLOCK(done);
}

static ssize_t written_at(int file, const void *data, size_t length, off_t offset) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    if (!name) return syscall(SYS_pwrite64, file, data, length, offset);
    LOCK;
    ssize_t done = syscall(SYS_pwrite64, file, data, length, offset);
    if (done > 0) note(WRITE, name, "", inode_of(file), (uint64_t)offset, data, (uint64_t)done);
    UNLOCK(done);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return written_at(file, data, length, offset); }
ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) { return written_at(file, data, length, offset); }

static int truncated(int file, off_t length) {
    char buffer[PATH_MAX];
    const char *name = name_of(file, buffer);
    if (!name) return (int)syscall(SYS_ftruncate, file, length);
    LOCK;
    int done = (int)syscall(SYS_ftruncate, file, length);
    if (!done) note(TRUNCATE, name, "", inode_of(file), (uint64_t)length, NULL, 0);
    UNLOCK(done);
}

int ftruncate(int file, off_t length) { return truncated(file, length); }
int ftruncate64(int file, off64_t length) { return truncated(file, length); }

static int synced(int file, long call) {
    char buffer[PATH_MAX];
    struct stat found;
    const char *name = name_of(file, buffer);
    if (!name) return (int)syscall(call, file);
    LOCK;
    int done = (int)syscall(call, file);
    int folder = !fstat(file, &found) && S_ISDIR(found.st_mode);
    if (!done) note(folder ? SYNC_FOLDER : SYNC, name, "", inode_of(file), 0, NULL, 0);
    UNLOCK(done);
}

int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static int renamed(int from, const char *old, int to, const char *new) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *name = whole(from, old, one), *other = whole(to, new, two);
    LOCK;
    int done = (int)syscall(SYS_renameat2, from, old, to, new, 0);
    if (!done && name && other) note(RENAME, name, other, 0, 0, NULL, 0);
    UNLOCK(done);
}

int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new); }
int renameat(int from, const char *old, int to, const char *new) { return renamed(from, old, to, new); }

static int removed(int folder, const char *path, int flags) {
    char buffer[PATH_MAX];
    const char *name = whole(folder, path, buffer);
    LOCK;
    int done = (int)syscall(SYS_unlinkat, folder, path, flags);
    if (!done && name) note(UNLINK, name, "", 0, 0, NULL, 0);
    UNLOCK(done);
}

int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdir(const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    const char *name = whole(AT_FDCWD, path, buffer);
    LOCK;
    int done = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (!done && name) note(MKDIR, name, "", 0, 0, NULL, 0);
    UNLOCK(done);
}

/* What would change a file unseen is refused, so that nothing is missed. */
ssize_t writev(int file, const struct iovec *pieces, int count) {
    char buffer[PATH_MAX];
    if (name_of(file, buffer)) { errno = ENOSYS; return -1; }
    return syscall(SYS_writev, file, pieces, count);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
    char buffer[PATH_MAX];
    if (name_of(to, buffer)) { errno = ENOTSOCK; return -1; }
    return syscall(SYS_sendfile, to, from, offset, count);
}
ssize_t sendfile64(int to, int from, off64_t *offset, size_t count) { return sendfile(to, from, offset, count); }

ssize_t copy_file_range(int from, off64_t *in, int to, off64_t *out, size_t length, unsigned flags) {
    char buffer[PATH_MAX];
    if (name_of(to, buffer)) { errno = ENOSYS; return -1; }
    return syscall(SYS_copy_file_range, from, in, to, out, length, flags);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *name = whole(from, old, one), *other = whole(to, new, two);
    LOCK;
    int done = (int)syscall(SYS_linkat, from, old, to, new, flags);
    if (!done && name && other) note(LINK, name, other, 0, 0, NULL, 0);
    UNLOCK(done);
}

int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

/* What would change a file unseen is refused, so that nothing is missed. */
int posix_fallocate(int file, off_t offset, off_t length) {
    char buffer[PATH_MAX];
    if (name_of(file, buffer)) return EOPNOTSUPP;
    return syscall(SYS_fallocate, file, 0, offset, length) ? errno : 0;
}
int posix_fallocate64(int file, off64_t offset, off64_t length) { return posix_fallocate(file, offset, length); }
int fallocate(int file, int mode, off_t offset, off_t length) {
    char buffer[PATH_MAX];
    if (name_of(file, buffer)) { errno = EOPNOTSUPP; return -1; }
    return (int)syscall(SYS_fallocate, file, mode, offset, length);
}
int fallocate64(int file, int mode, off64_t offset, off64_t length) { return fallocate(file, mode, offset, length); }
