// What the built-in model spends its time on; native.pyi says what Python sees of it. Most of that time is
// spent waiting for memory, so what will be read soon is asked for beforehand.

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

inline void ask_for(const void *memory) {
#ifdef __GNUC__
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

template <typename Self, PyObject *function(Self *, PyObject *)>
PyObject *raising_memory_error(PyObject *self, PyObject *argument) {
    try {
        return function(reinterpret_cast<Self *>(self), argument);
    } catch (const std::bad_alloc &) {
        return PyErr_NoMemory();
    }
}
