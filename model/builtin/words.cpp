// A word in a text.

#include "native.h"

namespace {

bool add(PyObject *list, Py_ssize_t start, Py_ssize_t end) {
    PyObject *span = Py_BuildValue("nn", start, end);
    const bool is_added = span && PyList_Append(list, span) == 0;
    Py_XDECREF(span);
    return is_added;
}

PyObject *word_spans(PyObject *, PyObject *arguments) {
    PyObject *text, *word;
    int begins_words;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(arguments, "UUpn", &text, &word, &begins_words, &most)) return nullptr;
    PyObject *found = PyList_New(0);
    const Py_ssize_t size = PyUnicode_GET_LENGTH(text), length = PyUnicode_GET_LENGTH(word);
    for (Py_ssize_t at = 0; found && length && PyList_GET_SIZE(found) < most;) {
        const Py_ssize_t start = PyUnicode_Find(text, word, at, size, 1);
        if (start < 0) {
            if (start == -2) Py_CLEAR(found);
            break;
        }
        const bool is_inside = begins_words && start && Py_UNICODE_ISALNUM(PyUnicode_READ_CHAR(text, start - 1));
        at = start + (is_inside ? 1 : length);
        if (!is_inside && !add(found, start, at)) Py_CLEAR(found);
    }
    return found;
}

}  // namespace

PyMethodDef words_functions[] = {
    {"word_spans", word_spans, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
