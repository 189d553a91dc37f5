//! The `infield` program: parses arguments, calls the library, turns the result into an exit code.

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    infield::cli::main(std::env::args_os())
}
