// SystemC's library wants a function of this name at link time. Programs with a main() of their own never
// call it; those that leave main() to SystemC bring their own.
extern "C" int sc_main(int, char**);
extern "C" int sc_main(int, char**) {
    return 1;
}
