//! The names of a project, for what only offers them: no more is looked at than a name needs.
//!
//! Promises: a survey has the names under which a plan knows it, over its defaults, of each combination of a matrix and at each
//! marketplace; the names of surveys with mistakes are among them. A mark tells whether a file would give the same names again.

use super::expand::defaults::Layer;
use super::expand::matrix;
use super::expand::scope::Scope;
use super::expand::sight::Sight;
use super::load::{self, Options};
use super::lower::file::{Around, File};
use super::lower::{study, target_groups};
use super::read::kind::Kind;
use super::read::text;
use super::read::walk::{self, Found};
use crate::model::Address;
use crate::yaml::{self, Budget};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A time in which a file may change again without having another time.
const COARSE: Duration = Duration::from_secs(2);

/// What a file is called, and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Names {
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Tags of its surveys.
    pub tags: Vec<String>,
}

/// The manifests of a project, found and not yet read.
#[derive(Debug)]
pub struct Scan {
    files: Vec<Found>,
    around: Around,
}

impl Scan {
    /// Finds the manifests of a project.
    pub fn new(options: &Options) -> Self {
        crate::marketplace::registry::install();
        let walk = walk::find(&[], &options.base);
        Self {
            around: load::around(&walk, options),
            files: walk.files,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How a file is shown.
    pub fn name(&self, at: usize) -> &Arc<str> {
        &self.files[at].name
    }

    /// What stays the same for as long as the file, and the defaults that count for it, do; `None` for a file that changed so
    /// lately that it could change again unseen.
    pub fn mark(&self, at: usize, now: SystemTime) -> Option<String> {
        let found = &self.files[at];
        let about = std::fs::metadata(&found.path).ok()?;
        let changed = about.modified().ok()?;
        if now.duration_since(changed).ok()? < COARSE {
            return None;
        }
        let since = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let mut mark = format!("{}-{}{}", about.len(), since.as_nanos(), beside(&about));
        for layer in self.layers(found).iter() {
            mark.push_str(&format!("-{}.{}", layer.digest, layer.document));
        }
        Some(mark)
    }

    fn layers(&self, found: &Found) -> Arc<[Arc<Layer>]> {
        self.around
            .defaults
            .of(found.real.parent().unwrap_or(Path::new("")))
    }

    /// Reads the names in a file; none in one that cannot be read.
    pub fn read(&self, at: usize) -> Names {
        let mut names = Names::default();
        let file = File::unread(self.files[at].clone(), &self.around);
        if let Ok(text) = text::read(&file.found) {
            read(&file, &text, &mut names);
        }
        names
    }
}

/// What else the system tells of a file, and nobody can set.
#[cfg(unix)]
fn beside(about: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    format!("-{}-{}.{}", about.ino(), about.ctime(), about.ctime_nsec())
}

/// What else the system tells of a file, and nobody can set.
#[cfg(not(unix))]
fn beside(_: &std::fs::Metadata) -> String {
    String::new()
}

fn read(file: &File, text: &str, names: &mut Names) {
    let (tree, _) = yaml::parse(text, yaml::Options::default());
    let sight = Sight::new(text, &file.layers);
    let folder = file.found.path.parent().unwrap_or(Path::new(""));
    let mut budget = Budget::default();
    for root in tree.documents() {
        let Some(value) = yaml::to_json(root, &mut budget).0 else {
            continue;
        };
        let kind = value
            .get("kind")
            .and_then(Value::as_str)
            .and_then(Kind::from_word);
        let written = name(&value).map(str::to_owned);
        match (kind, written) {
            (Some(Kind::Survey), written) => {
                let mut scope = Scope::new(root, sight, folder, &[]);
                match matrix::expand(&mut scope, value) {
                    Some(combinations) => {
                        for combination in combinations {
                            survey(&mut scope, combination, file, names);
                        }
                    }
                    None => names.addresses.extend(written.map(Address::survey)),
                }
            }
            (Some(Kind::Project) | None, _) | (_, None) => {}
            (Some(_), Some(name)) => names.addresses.push(Address::survey(name)),
        }
    }
}

fn name(value: &Value) -> Option<&str> {
    value.get("name").and_then(Value::as_str)
}

fn survey(scope: &mut Scope<'_>, combination: matrix::Combination, file: &File, names: &mut Names) {
    let Some(own) = name(&combination.survey).map(str::to_owned) else {
        return;
    };
    names.addresses.push(Address::survey(&own));
    let parts = study::parts(scope, combination, file).parts;
    let several = parts.len() > 1;
    for part in parts {
        let Some(vendor) = part.vendor else { continue };
        let address = if several {
            Address::at(&own, vendor)
        } else {
            Address::survey(&own)
        };
        let list = |key: &str| part.survey.get(key).and_then(Value::as_array);
        if vendor.has_groups() {
            let listed = list("groups").map(|groups| groups.iter().filter_map(name).collect());
            let groups = listed.unwrap_or_else(|| vec![target_groups::ONLY]);
            let inside = groups
                .into_iter()
                .map(|group| Address::group(address.as_str(), group));
            names.addresses.extend(inside);
        }
        let tags = list("tags").into_iter().flatten().filter_map(Value::as_str);
        names.tags.extend(tags.map(str::to_owned));
        names.addresses.push(address);
    }
    names.addresses.sort();
    names.addresses.dedup();
    names.tags.sort();
    names.tags.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::load;
    use std::collections::BTreeSet;

    /// A project with every way in which names come about, and defaults that change them.
    fn project(folder: &Path) {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("infield.yaml", "kind: Project\nname: all\n");
        write(
            "defaults.yaml",
            "kind: Defaults\ntags: [ours]\npurespectrum: {category: 232}\n",
        );
        write("cint/defaults.yaml", "kind: Defaults\ncint: {project_name: a}\n");
        write(
            "plain.yaml",
            "kind: Survey\nname: plain\n---\nkind: SurveyGroup\nname: waves\nsurveys: [plain]\n",
        );
        write(
            "matrix.yaml",
            "kind: Survey\nname: wave\ntags: ['m-${market}']\nmatrix: {market: [us, de]}\n",
        );
        write(
            "both.yaml",
            "kind: Survey\nname: both\ncompletes: 10\npurespectrum: {share: 50%}\ncint: {share: 50%}\n",
        );
        write(
            "cint/groups.yaml",
            "kind: Survey\nname: grouped\ngroups: [{name: a}, {name: b}]\n",
        );
        write(
            "cint/only.yaml",
            "kind: Survey\nname: only\ncompletes: nonsense\n",
        );
        write("broken.yaml", "kind: Survey\nname: broken\nmatrix: 7\n");
        write("syntax.yaml", "kind: [");
    }

    fn names_of(scan: &Scan) -> (BTreeSet<String>, BTreeSet<String>) {
        let all: Vec<Names> = (0..scan.len()).map(|at| scan.read(at)).collect();
        let addresses = all.iter().flat_map(|names| &names.addresses);
        let tags = all.iter().flat_map(|names| &names.tags);
        (
            addresses.map(ToString::to_string).collect(),
            tags.cloned().collect(),
        )
    }

    #[test]
    fn names_are_those_that_a_plan_knows() {
        let dir = tempfile::tempdir().unwrap();
        project(dir.path());
        let options = Options {
            base: dir.path().canonicalize().unwrap(),
        };
        let (names, tags) = names_of(&Scan::new(&options));
        let loaded = load(&[], &options);
        for address in loaded.index.addresses() {
            assert!(
                names.contains(address.as_str()),
                "{address} is missing in {names:?}"
            );
        }
        for name in [
            "plain",
            "waves",
            "wave-us",
            "both@cint/main",
            "grouped/b",
            "only",
            "broken",
        ] {
            assert!(names.contains(name), "{name} is missing in {names:?}");
        }
        for tag in loaded
            .desired
            .surveys
            .values()
            .flat_map(|survey| &survey.policy.tags)
        {
            assert!(tags.contains(tag), "{tag}");
        }
        assert!(["m-de", "ours"].iter().all(|tag| tags.contains(*tag)), "{tags:?}");
    }

    #[test]
    fn a_mark_is_another_one_when_the_file_or_its_defaults_change() {
        let dir = tempfile::tempdir().unwrap();
        project(dir.path());
        let options = Options {
            base: dir.path().canonicalize().unwrap(),
        };
        let later = SystemTime::now() + COARSE * 2;
        let marks = || -> Vec<(Arc<str>, Option<String>)> {
            let scan = Scan::new(&options);
            let all = 0..scan.len();
            all.map(|at| (Arc::clone(scan.name(at)), scan.mark(at, later)))
                .collect()
        };
        let before = marks();
        assert_eq!(before, marks());
        assert!(before.iter().all(|(_, mark)| mark.is_some()));
        let scan = Scan::new(&options);
        assert_eq!(scan.mark(0, SystemTime::UNIX_EPOCH), None, "it may change unseen");
        let changed = |after: &[(Arc<str>, Option<String>)]| -> Vec<String> {
            let both = before.iter().zip(after);
            let others = both.filter(|(one, other)| one != other);
            others.map(|((name, _), _)| name.to_string()).collect()
        };
        std::fs::write(
            dir.path().join("cint/defaults.yaml"),
            "kind: Defaults\ncint: {project_name: b}\n",
        )
        .unwrap();
        let below = ["cint/defaults.yaml", "cint/groups.yaml", "cint/only.yaml"];
        assert_eq!(changed(&marks()), below);
    }
}
