//! The folder of a state: what is left in it, who may read it, and whether it is still the one that was locked.

use super::*;

#[test]
fn every_trace_of_an_earlier_state_forbids_a_fresh_start() {
    for trace in ["journal.jsonl", "state.previous.json", "reconciled", "stop.json"] {
        let (_dir, store) = folder();
        let document = fresh(&store);
        store.append_now(&[entry(1)]).unwrap();
        // Folding leaves an empty journal.
        store.checkpoint_now(&document).unwrap();
        fs::create_dir_all(store.ledgers()).unwrap();
        // It is left only where something is remembered.
        fs::write(store.mark(), "{}").unwrap();
        for file in ["state.json", "journal.jsonl", "state.previous.json", "stop.json"] {
            if file != trace {
                fs::remove_file(store.folder.join(file)).unwrap();
            }
        }
        if trace != "reconciled" {
            fs::remove_dir(store.ledgers()).unwrap();
        }
        let error = store.load_now().unwrap_err().to_string();
        assert!(error.contains(&format!("{trace} is there")), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_deleted_or_replaced_is_locked_by_nobody() {
    for replaced in [false, true] {
        let (_dir, store) = folder();
        let lock = store.lock_now(&info("ada@host")).unwrap();
        lock.check(Duration::ZERO).unwrap();
        fs::remove_dir_all(&store.folder).unwrap();
        // Somebody else begins anew.
        let other = replaced.then(|| store.lock_now(&info("bob@host")).unwrap());
        let error = lock.check(Duration::ZERO).unwrap_err();
        assert!(error.is_contention(), "{error}");
        assert!(error.to_string().contains("deleted or replaced"), "{error}");
        if let Some(other) = other {
            other.check(Duration::ZERO).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, store) = folder();
    let _lock = store.lock_now(&info("ada@host")).unwrap();
    fresh(&store);
    store.append_now(&[entry(1)]).unwrap();
    for file in fs::read_dir(&store.folder).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
}
