//! The stop mark in a folder: `stop.json` beside the state, with a lock of its own that is held for the time of a change.

use super::{LocalStore, private, read_file, sync_folder};
use crate::model::Stops;
use crate::state::StateError;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};

impl LocalStore {
    pub(super) fn mark(&self) -> camino::Utf8PathBuf {
        self.folder.join("stop.json")
    }

    pub(super) fn stops_now(&self) -> Result<Stops, StateError> {
        let path = self.mark();
        match read_file(&path) {
            Ok(bytes) => Ok(Stops::parse(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Stops::default()),
            Err(error) => Err(Self::io(&path, "read")(error)),
        }
    }

    pub(super) fn change_stops_now(&self, change: &dyn Fn(&mut Stops)) -> Result<Stops, StateError> {
        let path = self.mark();
        let fail = Self::io(&path, "written");
        fs::create_dir_all(&self.folder).map_err(&fail)?;
        let mut options = OpenOptions::new();
        options.create(true).read(true).write(true).truncate(false);
        let turn = private(&mut options).open(self.folder.join("stop.lock"));
        let turn = turn.map_err(&fail)?;
        turn.lock().map_err(&fail)?;
        let mut stops = self.stops_now()?;
        let before = stops.clone();
        change(&mut stops);
        if stops == before {
            return Ok(stops);
        }
        if stops.is_empty() {
            fs::remove_file(&path).map_err(&fail)?;
        } else {
            let mut file = tempfile::Builder::new()
                .prefix(".stop")
                .tempfile_in(&self.folder)
                .map_err(&fail)?;
            file.write_all(&stops.to_bytes()).map_err(&fail)?;
            file.as_file().sync_all().map_err(&fail)?;
            file.persist(&path).map_err(|error| fail(error.error))?;
        }
        sync_folder(&self.folder).map_err(&fail)?;
        Ok(stops)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Pattern, Stops, stops::Freeze};
    use crate::state::{LocalStore, Store as _};

    fn freeze(id: usize) -> Freeze {
        Freeze {
            id: id.to_string(),
            at: "2026-11-29T07:00:00Z".to_owned(),
            by: "ada@one".to_owned(),
            patterns: vec![Pattern::everything()],
            thawed: Vec::new(),
            paused: Vec::new(),
        }
    }

    #[tokio::test]
    async fn who_freezes_at_the_same_time_loses_nothing_and_the_last_thaw_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = camino::Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        std::thread::scope(|scope| {
            for id in 0..8 {
                let store = LocalStore::new(path.clone());
                scope.spawn(move || {
                    let add = |stops: &mut Stops| stops.freezes.push(freeze(id));
                    store.change_stops_now(&add).unwrap();
                });
            }
        });
        let store = LocalStore::new(path.clone());
        assert_eq!(store.stops().await.unwrap().freezes.len(), 8);
        let none = |stops: &mut Stops| stops.freezes.clear();
        store.change_stops(&none).await.unwrap();
        assert!(store.stops().await.unwrap().is_empty() && !path.join("stop.json").exists());
    }
}
