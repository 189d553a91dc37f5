//! Writing files so that each is there as a whole or not at all, whatever happens meanwhile.

use std::fs::Permissions;
use std::io::Write as _;
use std::path::Path;

/// Writes a file for its owner, in place of one that may be there.
///
/// # Errors
/// As the file system has it; what was there is still there then.
pub fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    put(path, bytes, None)
}

/// Replaces a file that is there, with the permissions it has.
///
/// # Errors
/// As the file system has it; what was there is still there then.
pub fn rewrite(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    put(path, bytes, Some(std::fs::metadata(path)?.permissions()))
}

fn put(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> std::io::Result<()> {
    // A bare name lies in the current folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
