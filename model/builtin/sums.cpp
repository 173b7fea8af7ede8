// Pieces into vectors.

#include "native.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace {

constexpr Piece UNKNOWN = 0;
constexpr Py_ssize_t FEW = 500;  // take less time than getting the lock back from a thread that runs meanwhile

template <typename Number>
FOR_EACH_PROCESSOR void add_weighted(const std::int8_t *row, Number weight, Number *sum, Py_ssize_t dimensions) {
    for (Py_ssize_t at = 0; at < dimensions; ++at) sum[at] += weight * row[at];
}

struct Products {
    float with_other, with_itself;
};

// Sums in so many lanes, as a processor adds several at once and each addition takes a while.
FOR_EACH_PROCESSOR
Products products(const float *sum, const float *other, Py_ssize_t dimensions) {
    constexpr Py_ssize_t LANES = 32;
    float with_other[LANES] = {}, with_itself[LANES] = {};
    Py_ssize_t at = 0;
    for (; at + LANES <= dimensions; at += LANES) {
        for (Py_ssize_t lane = 0; lane < LANES; ++lane) {
            with_other[lane] += sum[at + lane] * other[at + lane];
            with_itself[lane] += sum[at + lane] * sum[at + lane];
        }
    }
    for (; at < dimensions; ++at) {
        with_other[0] += sum[at] * other[at];
        with_itself[0] += sum[at] * sum[at];
    }
    return {std::accumulate(with_other, with_other + LANES, 0.0f),
            std::accumulate(with_itself, with_itself + LANES, 0.0f)};
}

struct Model {
    const std::int8_t *rows;
    const double *scales, *counts;
    Py_ssize_t dimensions;

    void ask_for_all(const Piece *first, const Piece *last) const {
        for (; first != last; ++first) {
            ask_for(scales + *first);
            ask_for_all_of(rows + *first * dimensions, dimensions);
        }
    }

    // Throws nothing, as it is called without the interpreter's lock. Sorts the text.
    template <typename Number>
    void sum_up(std::vector<Piece> &text, std::vector<Number> &sum) const {
        std::sort(text.begin(), text.end());
        std::fill(sum.begin(), sum.end(), Number(0));
        const auto known = std::upper_bound(text.begin(), text.end(), UNKNOWN);
        for (auto next = known; next != text.end();) {
            const Piece piece = *next;
            const auto first = next;
            while (next != text.end() && *next == piece) ++next;
            const auto weight = static_cast<Number>(scales[piece] * counts[next - first]);
            add_weighted(rows + piece * dimensions, weight, sum.data(), dimensions);
        }
        if (known == text.end()) sum[0] = 1;
    }
};

// The arguments that `sums` and `cosines` have in common.
struct Summed {
    Buffer rows, scales, counts, pieces, sizes;

    Model model() const {
        const Py_ssize_t vocabulary = scales.count<double>();
        return {rows.items<std::int8_t>(), scales.items<double>(), counts.items<double>(),
                vocabulary ? rows.view.len / vocabulary : 0};
    }

    // Whether nothing outside of an array would be read; else an exception is set.
    bool fits(bool has_room) const {
        const Py_ssize_t vocabulary = scales.count<double>();
        const Piece *first = pieces.items<Piece>(), *const last = first + pieces.count<Piece>();
        const std::int64_t *size = sizes.items<std::int64_t>(), *const end = size + sizes.count<std::int64_t>();
        std::int64_t left = last - first;
        if (has_room && model().dimensions > 0 && counts.count<double>() > 0 &&
            std::all_of(first, last, [=](Piece one) { return 0 <= one && one < vocabulary; }) &&
            std::all_of(size, end, [&](std::int64_t one) { return 0 <= one && 0 <= (left -= one); }) && !left)
            return true;
        PyErr_SetString(PyExc_ValueError, "pieces, sizes and the room for sums do not fit each other and the model");
        return false;
    }

    template <typename Number, typename Take>
    void for_each(Take take) const {
        const Model summing = model();
        const std::int64_t most = counts.count<double>() - 1;
        std::vector<Number> sum(static_cast<std::size_t>(summing.dimensions));
        std::vector<Piece> text;
        text.reserve(static_cast<std::size_t>(most));
        const Piece *piece = pieces.items<Piece>();
        const std::int64_t *size = sizes.items<std::int64_t>(), *const end = size + sizes.count<std::int64_t>();
        PyThreadState *const released = pieces.count<Piece>() > FEW ? PyEval_SaveThread() : nullptr;
        for (; size != end; piece += *size++) {
            if (const auto *next = size + 1; next != end)
                summing.ask_for_all(piece + *size, piece + *size + std::min(*next, most));
            text.assign(piece, piece + std::min(*size, most));
            summing.sum_up(text, sum);
            take(sum);
        }
        if (released) PyEval_RestoreThread(released);
    }
};

PyObject *sums_of(PyObject *, PyObject *arguments) {
    Summed texts;
    Buffer out;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*w*", &texts.rows.view, &texts.scales.view, &texts.counts.view,
                          &texts.pieces.view, &texts.sizes.view, &out.view) ||
        !texts.fits(out.count<float>() == texts.sizes.count<std::int64_t>() * texts.model().dimensions))
        return nullptr;
    float *to = out.items<float>();
    texts.for_each<double>([&](const std::vector<double> &sum) {
        to = std::transform(sum.begin(), sum.end(), to, [](double value) { return static_cast<float>(value); });
    });
    Py_RETURN_NONE;
}

PyObject *cosines_of(PyObject *, PyObject *arguments) {
    Summed texts;
    Buffer query, out;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*y*w*", &texts.rows.view, &texts.scales.view, &texts.counts.view,
                          &texts.pieces.view, &texts.sizes.view, &query.view, &out.view) ||
        !texts.fits(out.count<float>() == texts.sizes.count<std::int64_t>() &&
                    query.count<float>() == texts.model().dimensions))
        return nullptr;
    const float *const near = query.items<float>();
    float *to = out.items<float>();
    texts.for_each<float>([&](const std::vector<float> &sum) {
        const auto [product, square] = products(sum.data(), near, static_cast<Py_ssize_t>(sum.size()));
        *to++ = square > 0 ? product / std::sqrt(square) : 0;
    });
    Py_RETURN_NONE;
}

}  // namespace

PyMethodDef sums_functions[] = {
    {"sums", raising_memory_error<PyObject, sums_of>, METH_VARARGS, nullptr},
    {"cosines", raising_memory_error<PyObject, cosines_of>, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
