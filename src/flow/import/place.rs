//! Where manifests are written: first whether a plan of the whole project would read each of them, beside everything else
//! that is there; then the writing.
//!
//! Promises: nothing is remembered of a survey whose manifest a plan would not find, or that would break the project. An
//! empty file holds the place of each until it is written as a whole; what was not written is taken away again.

use super::Ready;
use crate::diag::Diagnostic;
use crate::flow::{OrFail as _, Stop};
use crate::manifest::{self, Loaded, PROJECT_FILE, Session};
use crate::model::desired::OnRemove;
use crate::model::{Address, Resource, ResourceKind};
use crate::state::{Keeper, Op};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Files and folders that were not there before; gone again when this is dropped, unless something was written.
#[derive(Default)]
pub(super) struct Held {
    files: Vec<Utf8PathBuf>,
    folders: Vec<Utf8PathBuf>,
}

impl Held {
    fn hold(&mut self, file: &Utf8Path) -> Result<(), Stop> {
        let folder = file.parent().unwrap_or(Utf8Path::new("."));
        let new = folder.ancestors().take_while(|above| !above.exists());
        self.folders.extend(new.map(Utf8Path::to_owned));
        std::fs::create_dir_all(folder).or_fail(format_args!("{folder} cannot be made"))?;
        if !file.exists() {
            std::fs::write(file, "").or_fail(format_args!("{file} cannot be written"))?;
            self.files.push(file.to_owned());
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for file in self.files.iter().filter(|file| is_empty(file)) {
            let _ = std::fs::remove_file(file);
        }
        // The innermost first; what holds something stays.
        self.folders
            .sort_by_key(|folder| std::cmp::Reverse(folder.as_str().len()));
        for folder in &self.folders {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Whether a file is there and holds nothing, as the place of a manifest does.
pub(super) fn is_empty(file: &Utf8Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

/// Keeps what a plan of the project would read where it is going to be. Answers with it, its places, and why others
/// are not imported.
///
/// # Errors
/// When a place cannot be made.
pub(super) fn fit(root: &Utf8Path, ready: Vec<Ready>) -> Result<(Vec<Ready>, Held, Vec<String>), Stop> {
    let options = manifest::Options {
        base: root.as_std_path().to_owned(),
    };
    let mut session = Session::default();
    let on_disk = session.load(&[], &options);
    let before: BTreeSet<String> = errors(&on_disk).map(told).collect();
    let mut held = Held::default();
    for one in &ready {
        held.hold(&one.file)?;
        session.set(&real(one), &one.text);
    }
    session.look_again();
    let (mut fits, mut refused) = (ready, Vec::new());
    loop {
        let loaded = session.load(&[], &options);
        let new: Vec<&Diagnostic> = errors(&loaded)
            .filter(|problem| !before.contains(&told(problem)))
            .collect();
        let verdicts: Vec<Option<String>> = fits
            .iter()
            .map(|one| objection(root, one, &on_disk, &loaded, &new))
            .collect();
        // A problem that stands in none of the new files is still one that they bring.
        let stray = new.first().filter(|_| verdicts.iter().all(Option::is_none));
        let stray =
            stray.map(|problem| format!("the project would have a problem with it: {}", told(problem)));
        let mut left = Vec::new();
        let count = refused.len();
        for (one, verdict) in fits.into_iter().zip(verdicts) {
            match verdict.or_else(|| stray.clone()) {
                Some(why) => refused.push(format!("{} is not imported: {why}", of(&one))),
                None => left.push(one),
            }
        }
        fits = left;
        if refused.len() == count {
            return Ok((fits, held, refused));
        }
        let kept: Vec<PathBuf> = fits.iter().map(real).collect();
        session.retain(&kept.iter().collect::<Vec<_>>());
    }
}

/// Why a plan of the project would not have this survey as it is meant.
fn objection(
    root: &Utf8Path,
    one: &Ready,
    on_disk: &Loaded,
    loaded: &Loaded,
    new: &[&Diagnostic],
) -> Option<String> {
    let shown = one.file.strip_prefix(root).unwrap_or(&one.file);
    let folder = shown
        .parent()
        .filter(|folder| !folder.as_str().is_empty())
        .unwrap_or(Utf8Path::new("."));
    let above = one.file.ancestors().skip(1).take_while(|above| *above != root);
    let other = above
        .map(|above| above.join(PROJECT_FILE))
        .find(|file| file.exists());
    if !loaded.files.iter().any(|file| **file == *shown.as_str()) || other.is_some() {
        return Some(format!(
            "no plan of this project reads {folder}: it is outside, hidden, ignored, or another project"
        ));
    }
    let address = Address::survey(&one.name);
    let elsewhere = on_disk
        .index
        .file(&address)
        .filter(|file| ***file != *shown.as_str());
    if let Some(elsewhere) = elsewhere {
        return Some(format!("{elsewhere} has something named `{}` already", one.name));
    }
    let own = new
        .iter()
        .find(|problem| problem.files().any(|file| **file == *shown.as_str()));
    own.map(|problem| told(problem))
}

fn errors(loaded: &Loaded) -> impl Iterator<Item = &Diagnostic> {
    loaded.diagnostics.iter().filter(|problem| problem.is_error())
}

fn told(problem: &Diagnostic) -> String {
    match &problem.file {
        Some(file) => format!("{file}: {}", problem.message),
        None => problem.message.clone(),
    }
}

/// A survey as people say it.
fn of(one: &Ready) -> String {
    let resource = one.known.resources.values().next();
    resource.map_or_else(
        || one.name.clone(),
        |resource| format!("{}: {} {}", one.name, resource.vendor.name(), resource.id),
    )
}

/// The file as the file system has it; its place is held.
fn real(one: &Ready) -> PathBuf {
    let file = one.file.as_std_path();
    std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}

/// Writes state, manifests by `put`, and state, in an order in which nothing is made twice or touched however far it got.
///
/// # Errors
/// When something cannot be written.
pub(super) async fn write(
    ready: &[Ready],
    keeper: &Keeper,
    mut put: impl FnMut(&Ready) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let ops = |forget: bool| -> Vec<Op> {
        let resources = ready.iter().flat_map(|one| &one.known.resources);
        let put = |(address, resource): (&Address, &Resource)| {
            let mut resource = resource.clone();
            if let (true, ResourceKind::Survey(survey)) = (forget, &mut resource.kind) {
                survey.policy.on_remove = OnRemove::Forget;
            }
            Op::Put {
                address: address.clone(),
                resource: Box::new(resource),
            }
        };
        resources.map(put).collect()
    };
    if ready.is_empty() {
        return Ok(());
    }
    keeper.commit(ops(true)).await?;
    for one in ready {
        put(one)?;
    }
    Ok(keeper.commit(ops(false)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Cause;
    use crate::model::Known;
    use crate::state::local::LocalStore;
    use std::sync::Arc;

    fn ready(name: &str) -> Ready {
        let mut known = Known::default();
        let resource = Resource {
            vendor: crate::marketplace::PURESPECTRUM,
            id: "7".to_owned(),
            kind: ResourceKind::Survey(Box::default()),
        };
        known.resources.insert(Address::survey(name), resource);
        Ready {
            name: name.to_owned(),
            file: Utf8PathBuf::from(format!("{name}.yaml")),
            before: None,
            text: String::new(),
            known,
            says: String::new(),
        }
    }

    #[tokio::test]
    async fn cut_off_between_manifests_all_are_remembered_and_none_would_be_touched() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        let store = Arc::new(LocalStore::new(folder));
        let keeper = Keeper::open(store, "sandbox", "lineage".to_owned())
            .await
            .unwrap();
        let both = [ready("one"), ready("two")];
        let mut written = Vec::new();
        let cut_off = write(&both, &keeper, |one| {
            written.push(one.name.clone());
            match written.len() {
                1 => Ok(()),
                _ => Err(Stop::said(Cause::Failed)),
            }
        });
        assert!(cut_off.await.is_err());
        assert_eq!(written, ["one", "two"]);
        let policies = async |keeper: &Keeper| -> Vec<OnRemove> {
            let known = keeper.known().await;
            let surveys = known.resources.values().filter_map(Resource::survey);
            surveys.map(|survey| survey.policy.on_remove).collect()
        };
        assert_eq!(policies(&keeper).await, [OnRemove::Forget; 2]);
        write(&both, &keeper, |_| Ok(())).await.unwrap();
        assert_eq!(policies(&keeper).await, [OnRemove::Pause; 2]);
    }
}
