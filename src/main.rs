//! The `infield` program: parses arguments, calls the library, turns the result into an exit code.

fn main() -> std::process::ExitCode {
    infield::cli::main(std::env::args_os())
}
