#include "soundness/linear_map.hpp"

#include "soundness/products.hpp"

#include <Eigen/Cholesky>

namespace pouw::inline v1::soundness {

Matrix linear_map(const Matrix& features, const Matrix& targets, unsigned threads) {
    const Matrix transposed = features.transpose();
    Matrix gram = multiplied(transposed, features, threads);
    const float penalty = features.squaredNorm() / static_cast<float>(features.rows());
    gram.diagonal().array() += penalty;
    const Matrix moments = multiplied(transposed, targets, threads);
    return Eigen::LLT<Eigen::MatrixXf>{Eigen::MatrixXf{gram}}.solve(Eigen::MatrixXf{moments});
}

}  // namespace pouw::inline v1::soundness
