// What the built-in model and the search of vectors in memory spend their time on; native.pyi says what Python sees of
// it. Most of that time is spent waiting for memory, so what will be read soon is asked for beforehand.

#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <new>
#include <vector>

using Piece = std::int32_t;

struct Span {  // in characters
    Py_ssize_t start, end;
};

std::vector<Span> sentences_of(PyObject *text);  // of a str; sentences.cpp

extern PyType_Spec word_pieces_spec;       // word_pieces.cpp
extern PyMethodDef sums_functions[];       // sums.cpp
extern PyMethodDef sentences_functions[];  // sentences.cpp
extern PyMethodDef vectors_functions[];    // vectors.cpp
extern PyMethodDef words_functions[];      // words.cpp

inline void ask_for(const void *memory) {
#ifdef __GNUC__
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

template <typename T>
void ask_for_all_of(const T *items, Py_ssize_t count) {
    constexpr std::uintptr_t LINE = 64;  // bytes of memory that come together
    const auto first = reinterpret_cast<std::uintptr_t>(items), last = reinterpret_cast<std::uintptr_t>(items + count);
    for (std::uintptr_t at = first & ~(LINE - 1); at < last; at += LINE) ask_for(reinterpret_cast<const void *>(at));
}

// Compiled twice, once with AVX2, for processors that have it; which one is taken is decided when this is loaded.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

class Buffer {
public:
    Py_buffer view{};

    ~Buffer() { PyBuffer_Release(&view); }

    template <typename T>
    T *items() const {
        return static_cast<T *>(view.buf);
    }

    template <typename T>
    Py_ssize_t count() const {
        return view.len / static_cast<Py_ssize_t>(sizeof(T));
    }
};

template <typename Self, PyObject *function(Self *, PyObject *)>
PyObject *raising_memory_error(PyObject *self, PyObject *argument) {
    try {
        return function(reinterpret_cast<Self *>(self), argument);
    } catch (const std::bad_alloc &) {
        return PyErr_NoMemory();
    }
}
