#include "dataset/digest.hpp"

#include <array>
#include <fmt/core.h>
#include <new>
#include <openssl/evp.h>

#include <scrawl/dataset.hpp>

#include "dataset/check_dataset.hpp"
#include "dataset/dataset_view.hpp"

namespace scrawl {

// Memory is all that these OpenSSL calls can lack.
Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
}

void Sha256::update(std::span<const std::byte> bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> sum{};
  if (EVP_DigestFinal_ex(context_.get(), sum.data(), nullptr) != 1) throw std::bad_alloc();
  std::string digits;
  for (const unsigned byte : sum) digits += fmt::format("{:02x}", byte);
  return digits;
}

std::string digest(const Dataset& dataset) {
  return digest_of(dataset);
}

std::string digest_of(const DatasetView& dataset) {
  check_dataset(dataset, "digest");
  Sha256 sum;
  sum.update(std::as_bytes(dataset.images));
  sum.update(std::as_bytes(dataset.labels));
  return sum.hex();
}

}  // namespace scrawl
