#include "cli/files.hpp"

#include "cli/command.hpp"

#include "pouw/core/describe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gsl/util>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace pouw::inline v1::cli {
namespace {

std::string system_message() { return std::strerror(errno); }

/// Reads up to `size` bytes; fewer at the end of the file.
std::size_t read_up_to(int descriptor, std::uint8_t* out, std::size_t size, const std::string& path) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(descriptor, out + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw usage(path, system_message());
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

/// Opens a regular file for reading. Nothing else is waited for: a pipe without a writer is refused at once.
int open_regular(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) throw usage(path, system_message());
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    if (known && S_ISREG(status.st_mode)) return descriptor;
    const std::string why = known ? "not a regular file" : system_message();
    ::close(descriptor);
    throw usage(path, why);
}

constexpr std::size_t piece_size = std::size_t{64} << 10;

/// Whether all of the data is on the disk; errno says why not.
bool write_and_sync(int descriptor, core::ByteView data) {
    while (!data.empty()) {
        const ssize_t written = ::write(descriptor, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        data = data.subspan(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Where something can be kept whose own folder is full or gone.
std::vector<std::string> other_folders() {
    std::vector<std::string> folders;
    const char* temporary = std::getenv("TMPDIR");
    folders.emplace_back(temporary != nullptr && *temporary != 0 ? temporary : "/tmp");
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) folders.emplace_back(home);
    folders.emplace_back("/dev/shm");
    return folders;
}

/// Writes a new file in the folder, whose name starts with `name`; nothing where it cannot be written.
std::optional<std::string> write_new_file(const std::string& folder, const std::string& name,
                                          core::ByteView data) {
    std::string path = folder + (folder.ends_with('/') ? "" : "/") + name + ".XXXXXX";
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    const auto close = gsl::finally([descriptor] { ::close(descriptor); });
    ::fchmod(descriptor, 0644);
    if (write_and_sync(descriptor, data)) return path;
    ::unlink(path.c_str());
    return std::nullopt;
}

/// Prints the data in hexadecimal; false when it cannot be printed.
bool print_hex(core::ByteView data) {
    const std::string text = core::to_hex(data) + "\n";
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// Keeps the data wherever it can be written, and says where.
std::string keep(const std::string& path, core::ByteView data) {
    const std::string folder = folder_of(path);
    const std::string name = path.substr(folder == "." ? 0 : folder.size());
    std::vector<std::string> folders = other_folders();
    folders.insert(folders.begin(), folder);
    for (const std::string& place : folders) {
        if (const auto kept = write_new_file(place, name, data)) return "kept as " + *kept;
    }
    if (print_hex(data)) return "kept nowhere, printed in hexadecimal on standard output";
    return "lost: it can be written nowhere else";
}

/// Refuses a key file of this user that others can read, as ssh does.
void require_private(int descriptor, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw usage(path, system_message());
    if (S_ISDIR(status.st_mode) || status.st_uid != ::getuid() || (status.st_mode & 077) == 0) return;
    throw usage(path, fmt::format("others can read this key file (its mode is {:04o}); run chmod 600 on it",
                                  status.st_mode & 07777));
}

}  // namespace

core::Bytes read_file(const std::string& path, std::uint64_t limit) {
    const int descriptor = open_regular(path);
    const auto close = gsl::finally([descriptor] { ::close(descriptor); });
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw usage(path, system_message());
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit) throw usage(path, fmt::format("the file is too large (more than {} bytes)", limit));
    core::Bytes bytes(size);
    bytes.resize(read_up_to(descriptor, bytes.data(), bytes.size(), path));
    return bytes;
}

FilePieces::FilePieces(std::string path)
    : path_{std::move(path)}, descriptor_{open_regular(path_)}, buffer_(piece_size) {}

FilePieces::~FilePieces() { ::close(descriptor_); }

std::string_view FilePieces::next() {
    const std::size_t size = read_up_to(descriptor_, buffer_.data(), buffer_.size(), path_);
    return {reinterpret_cast<const char*>(buffer_.data()), size};
}

NewFile::NewFile(std::string path, unsigned mode) : path_{std::move(path)} {
    if (path_.empty()) throw Failure{Exit::usage, "the name of the file to write is empty"};
    struct stat status {};
    if (::lstat(path_.c_str(), &status) == 0) throw usage(path_, "the file exists and is not overwritten");
    // A file without a name is gone with the program, however that ends. It gets its name from /proc.
    descriptor_ = ::access("/proc/self/fd", F_OK) == 0
                      ? ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)
                      : -1;
    if (descriptor_ < 0) {
        temporary_ = path_ + ".XXXXXX";
        descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
    }
    if (descriptor_ < 0) throw usage(path_, system_message());
    ::fchmod(descriptor_, mode);
}

NewFile::~NewFile() {
    ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void NewFile::commit(core::ByteView data) {
    if (!write_and_sync(descriptor_, data)) throw usage(path_, system_message());
    // A hard link fails where the name exists, which a rename would not. Some file systems have none.
    const std::string source = temporary_.empty() ? fmt::format("/proc/self/fd/{}", descriptor_) : temporary_;
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) == 0) return;
    if (errno == EEXIST) throw usage(path_, "the file exists and is not overwritten");
    if (temporary_.empty() ||
        ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
        throw usage(path_, system_message());
    }
}

void NewFile::commit_or_keep(core::ByteView data, std::string_view what) {
    try {
        commit(data);
    } catch (const Failure& failure) {
        // What was written so far makes way.
        [[maybe_unused]] const int freed = ::ftruncate(descriptor_, 0);
        throw Failure{failure.code(),
                      fmt::format("{}; the {} is {}", failure.what(), what, keep(path_, data))};
    }
}

crypto::MasterSeed read_key_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw usage(path, system_message());
    const auto close = gsl::finally([descriptor] { ::close(descriptor); });
    require_private(descriptor, path);
    // One byte more than a key file has, so that a longer file is seen to be one; wiped like every secret.
    crypto::Secret<struct KeyFileTag, crypto::MasterSeedText::size + 1> text;
    const std::size_t size = read_up_to(descriptor, text.fill().data(), text.size, path);
    auto seed = crypto::decode_master_seed({reinterpret_cast<const char*>(text.reveal().data()), size});
    if (!seed) throw usage(path, core::describe(seed.error()));
    return *std::move(seed);
}

}  // namespace pouw::inline v1::cli
