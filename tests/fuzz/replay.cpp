/// Replays a seed corpus and mutations of it, with any compiler and without a fuzzer: brief, and the same
/// every time.
///
///     replay_TARGET CORPUS-FOLDER SECONDS
#include "fuzz/fuzz.hpp"
#include "random.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace pouw::inline v1::fuzz {
namespace {

using test::Random;

std::vector<core::Bytes> read_corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files{std::filesystem::directory_iterator{folder}, {}};
    std::sort(files.begin(), files.end());
    std::vector<core::Bytes> out;
    for (const auto& path : files) {
        std::ifstream file{path, std::ios::binary};
        out.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    }
    return out;
}

core::Bytes mutated(const std::vector<core::Bytes>& corpus, Random& random) {
    core::Bytes data = corpus[random.next() % corpus.size()];
    for (std::uint64_t changes = 1 + random.next() % 4; changes > 0; --changes) {
        const std::size_t at = data.empty() ? 0 : random.next() % data.size();
        const auto place = data.begin() + static_cast<std::ptrdiff_t>(at);
        switch (data.empty() ? 2 : random.next() % 7) {
            case 0:
                data[at] ^= static_cast<std::uint8_t>(1u << random.next() % 8);
                break;
            case 1:
                data[at] = static_cast<std::uint8_t>(random.next());
                break;
            case 2:
                data.insert(place, static_cast<std::uint8_t>(random.next()));
                break;
            case 3:
                data.erase(place);
                break;
            case 4:
                data.resize(at);
                break;
            case 5:
                data[at] = random.next() % 2 == 0 ? 0 : 255;
                break;
            default: {  // the end of another seed
                const core::Bytes& other = corpus[random.next() % corpus.size()];
                if (other.empty()) break;
                const core::ByteView tail = core::ByteView{other}.subspan(random.next() % other.size());
                data.resize(at);
                core::append(data, tail);
            }
        }
    }
    return data;
}

int run(const std::filesystem::path& folder, double seconds) {
    const std::vector<core::Bytes> corpus = read_corpus(folder);
    require(!corpus.empty(), "the corpus has seeds");
    const auto try_one = [](const core::Bytes& data) {
        return LLVMFuzzerTestOneInput(data.data(), data.size()) == 0;
    };
    for (const core::Bytes& seed : corpus) require(try_one(seed), "a seed is worth a try");
    Random random{1};
    std::uint64_t runs = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
    for (; std::chrono::steady_clock::now() < end; ++runs) try_one(mutated(corpus, random));
    std::printf("%zu seeds, %llu mutations\n", corpus.size(), static_cast<unsigned long long>(runs));
    return 0;
}

}  // namespace
}  // namespace pouw::inline v1::fuzz

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    return pouw::fuzz::run(argv[1], std::atof(argv[2]));
}
