#include "native.h"

namespace {

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "native", nullptr, 0, sums_functions, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_native() {
    PyObject *module = PyModule_Create(&definition);
    PyObject *type = module ? PyType_FromSpec(&word_pieces_spec) : nullptr;
    const bool is_whole = type && PyModule_AddObjectRef(module, "WordPieces", type) == 0 &&
                          PyModule_AddFunctions(module, sentences_functions) == 0 &&
                          PyModule_AddFunctions(module, vectors_functions) == 0 &&
                          PyModule_AddFunctions(module, words_functions) == 0;
    Py_XDECREF(type);
    if (!is_whole) Py_CLEAR(module);
    return module;
}
