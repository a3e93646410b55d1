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
#include <cstring>

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

/// Opens a regular file for reading.
int open_regular(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw usage(path, system_message());
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    if (known && S_ISREG(status.st_mode)) return descriptor;
    const std::string why = known ? "not a regular file" : system_message();
    ::close(descriptor);
    throw usage(path, why);
}

constexpr std::size_t piece_size = std::size_t{64} << 10;

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

NewFile::NewFile(std::string path, unsigned mode) : path_{std::move(path)}, temporary_{path_ + ".XXXXXX"} {
    struct stat status {};
    if (::lstat(path_.c_str(), &status) == 0) throw usage(path_, "the file exists and is not overwritten");
    descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw usage(path_, system_message());
    ::fchmod(descriptor_, mode);
}

NewFile::~NewFile() {
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
}

void NewFile::commit(core::ByteView data) {
    while (!data.empty()) {
        const ssize_t written = ::write(descriptor_, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw usage(path_, system_message());
        data = data.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor_) != 0) throw usage(path_, system_message());
    // A hard link fails where the name exists, which a rename would not. Some file systems have none.
    if (::link(temporary_.c_str(), path_.c_str()) == 0) return;
    if (errno == EEXIST) throw usage(path_, "the file exists and is not overwritten");
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
        throw usage(path_, system_message());
    }
}

crypto::MasterSeed read_key_file(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw usage(path, system_message());
    const auto close = gsl::finally([descriptor] { ::close(descriptor); });
    // One byte more than a key file has, so that a longer file is seen to be one; wiped like every secret.
    crypto::Secret<struct KeyFileTag, crypto::MasterSeedText::size + 1> text;
    const std::size_t size = read_up_to(descriptor, text.fill().data(), text.size, path);
    auto seed = crypto::decode_master_seed({reinterpret_cast<const char*>(text.reveal().data()), size});
    if (!seed) throw usage(path, core::describe(seed.error()));
    return *std::move(seed);
}

}  // namespace pouw::inline v1::cli
