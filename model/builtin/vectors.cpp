// Stored vectors, compared with a query.

#include "native.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

namespace {

using Half = std::uint16_t;  // IEEE 754 binary16

constexpr float WIDENING = 0x1p112f;  // of the exponent: a half's is behind by 15, a float's by 127

// Of a finite half.
inline float widened(Half half) {
    const std::uint32_t size = static_cast<std::uint32_t>(half & 0x7FFF) << 13;
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    float value;
    std::memcpy(&value, &size, sizeof value);
    value *= WIDENING;
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits |= sign;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

FOR_EACH_PROCESSOR
float product(const Half *vector, const float *query, Py_ssize_t dimensions) {
    constexpr Py_ssize_t LANES = 16;
    float sums[LANES] = {};
    Py_ssize_t at = 0;
    for (; at + LANES <= dimensions; at += LANES)
        for (Py_ssize_t lane = 0; lane < LANES; ++lane) sums[lane] += widened(vector[at + lane]) * query[at + lane];
    for (; at < dimensions; ++at) sums[0] += widened(vector[at]) * query[at];
    return std::accumulate(sums, sums + LANES, 0.0f);
}

// Where a number is or would be among ascending ones. It is looked for from the end of the places where it can be: so
// where the numbers follow each other it is found at once.
Py_ssize_t place_of(std::int64_t number, const std::int64_t *numbers, Py_ssize_t count) {
    if (!count || number <= numbers[0]) return 0;
    const Py_ssize_t end = std::min<std::int64_t>(number - numbers[0], count);
    Py_ssize_t step = 1;
    while (step < end && numbers[end - step] >= number) step *= 2;
    return std::lower_bound(numbers + std::max<Py_ssize_t>(end - step, 0), numbers + end, number) - numbers;
}

PyObject *half_cosines(PyObject *, PyObject *arguments) {
    Buffer numbers, rows, vectors, lengths, query, asked, out;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*y*w*", &numbers.view, &rows.view, &vectors.view, &lengths.view,
                          &query.view, &asked.view, &out.view))
        return nullptr;
    const Py_ssize_t count = numbers.count<std::int64_t>(), dimensions = query.count<float>();
    struct Wanted {
        std::int64_t row;
        float *to;
    };
    std::vector<Wanted> wanted;
    bool fits = rows.count<std::int64_t>() == count && lengths.count<float>() == count &&
                vectors.count<Half>() == count * dimensions && out.count<float>() == asked.count<std::int64_t>();
    for (Py_ssize_t place = 0; fits && place < asked.count<std::int64_t>(); ++place) {
        const std::int64_t number = asked.items<std::int64_t>()[place];
        const Py_ssize_t at = place_of(number, numbers.items<std::int64_t>(), count);
        if (at == count || numbers.items<std::int64_t>()[at] != number) continue;
        const std::int64_t row = rows.items<std::int64_t>()[at];
        fits = 0 <= row && row < count;
        if (!fits) break;
        wanted.push_back({row, out.items<float>() + place});
        ask_for_all_of(vectors.items<Half>() + row * dimensions, dimensions);
        ask_for(lengths.items<float>() + row);
    }
    if (!fits) return PyErr_Format(PyExc_ValueError, "numbers, rows, vectors and the room for cosines do not fit");
    for (const auto [row, to] : wanted)
        *to = product(vectors.items<Half>() + row * dimensions, query.items<float>(), dimensions) /
              lengths.items<float>()[row];
    Py_RETURN_NONE;
}

}  // namespace

PyMethodDef vectors_functions[] = {
    {"half_cosines", raising_memory_error<PyObject, half_cosines>, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
