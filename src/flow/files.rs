//! Writing files so that each is there as a whole or not at all, whatever happens meanwhile. What is no file (a pipe, a
//! device, what `/dev` leads to) is written into and never replaced.

use std::fs::Permissions;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a file for its owner, in place of one that may be there.
///
/// # Errors
/// As the file system has it; what was there is still there then.
pub fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    put(path, None, &|file| file.write_all(bytes))
}

/// Writes a file for its owner, in place of one that may be there, piece by piece.
///
/// # Errors
/// As the file system has it and as `fill`; what was there is still there then.
pub fn write_with(path: &Path, fill: &Fill<'_>) -> std::io::Result<()> {
    put(path, None, fill)
}

/// Replaces a file that is there, with the permissions it has.
///
/// # Errors
/// As the file system has it; what was there is still there then.
pub fn rewrite(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let permissions = std::fs::metadata(path)?.permissions();
    put(path, Some(permissions), &|file| file.write_all(bytes))
}

/// What writes the content of a file.
pub type Fill<'a> = dyn Fn(&mut dyn Write) -> std::io::Result<()> + 'a;

fn put(path: &Path, permissions: Option<Permissions>, fill: &Fill<'_>) -> std::io::Result<()> {
    let fill = |file: &mut dyn Write| {
        let mut buffer = BufWriter::new(file);
        fill(&mut buffer).and_then(|()| buffer.flush())
    };
    let place = std::fs::metadata(path);
    let of_system = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    if of_system || place.is_ok_and(|place| !place.is_file()) {
        return fill(&mut std::fs::OpenOptions::new().write(true).open(path)?);
    }
    // A bare name lies in the current folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    fill(&mut file)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::FileTypeExt as _;

    #[test]
    fn a_pipe_is_written_into_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        write(&pipe, b"a plan").unwrap();
        assert_eq!(reader.join().unwrap(), b"a plan");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
        write(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(
            std::fs::metadata("/dev/null")
                .unwrap()
                .file_type()
                .is_char_device()
        );
    }
}
