use super::*;
use crate::diag::code;
use crate::manifest::Session;
use proptest::prelude::*;
use std::cell::RefCell;
use std::time::{Duration, SystemTime};

/// Finds fault with every survey of template 26, while anything is remembered.
#[derive(Default)]
struct Rule(RefCell<Option<Arc<Known>>>);

impl Rule {
    fn turn(&self, on: bool) {
        *self.0.borrow_mut() = on.then(Arc::default);
    }
}

impl Beyond for Rule {
    fn known(&self, _: &Path, _: Option<&Project>) -> Option<Arc<Known>> {
        self.0.borrow().clone()
    }

    fn problems(&self, _: &Known, templates: &[(Address, Template)]) -> Vec<Beside> {
        let wrong = templates.iter().filter(|(_, template)| template.id == 26);
        wrong
            .map(|(address, template)| Beside {
                address: address.clone(),
                pointer: format!("/{}/template_id", template.vendor.key()),
                problem: Diagnostic::error(code::TEMPLATE_CHANGED, "not this one"),
                label: "here",
            })
            .collect()
    }
}

const FILES: [&str; 8] = [
    "infield.yaml",
    "defaults.yaml",
    "a.yaml",
    "b.yaml",
    "sub/c.yaml",
    "sub/defaults.yaml",
    "sub/d.yaml",
    "sub/rejects.csv",
];

const TEXTS: [&str; 18] = [
    "kind: Survey\nname: soda\npurespectrum: {template_id: 15}\n",
    "# One line more.\nkind: Survey\nname: soda\npurespectrum: {template_id: 15}\n",
    "kind: Survey\nname: milk\npurespectrum: {template_id: 26}\n",
    "kind: Survey\nname: milk\nmoved_from: soda\nlocale: en_US\npurespectrum: {template_id: 15}\n",
    "kind: Survey\nname: wave\nmatrix: {market: [soda, milk]}\npurespectrum: {template_id: 26}\n",
    "kind: Survey\nname: wave-soda\ncompletes: 10\nquotas: [{name: men, completes: 11, where: {gender: male}}]\npurespectrum: {category: 232}\n",
    "kind: Survey\nname: soda\n---\nkind: Survey\nname: soda\npurespectrum: {template_id: 26}\n",
    "kind: Survey\nname: own\ncompletes: 40\nlocale: en-US\n",
    "kind: SurveyGroup\nname: waves\nsurveys: [soda, milk, wave-soda, own]\n",
    "kind: SurveyGroup\nname: soda\nsurveys: [milk]\nref: all-waves\n",
    "kind: Project\nname: all\n",
    "kind: Project\nname: all\ndefaults: {purespectrum: {template_id: 26}}\n---\nkind: Project\nname: other\n",
    "kind: Defaults\npurespectrum: {template_id: 26}\nlocale: en-US\n",
    "kind: Defaults\nqualifications: {gendr: male}\nlocale: de_DE\n",
    "kind: Reconciliation\nname: rejects\nvendor: purespectrum\nsurvey: soda\nfile: rejects.csv\n",
    "kind: Reconciliation\nname: again\nvendor: purespectrum\nsurvey: soda\ntransactions: [{transaction_id: one, outcome: accepted}]\n",
    "transaction_id,outcome\none,rejected\ntwo,nonsense\n",
    "kind: [",
];

#[derive(Debug, Clone)]
enum Step {
    /// The editor opens a file, or types into it.
    Type(usize, usize),
    Close(usize),
    Save(usize, usize),
    Delete(usize),
    /// What is remembered comes, changes or goes.
    Remember(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (file, text) = (0..FILES.len(), 0..TEXTS.len());
    prop_oneof![
        6 => (file.clone(), text.clone()).prop_map(|(file, text)| Step::Type(file, text)),
        1 => file.clone().prop_map(Step::Close),
        2 => (file.clone(), text).prop_map(|(file, text)| Step::Save(file, text)),
        1 => file.prop_map(Step::Delete),
        1 => any::<bool>().prop_map(Step::Remember),
    ]
}

/// An editor with a project, and what it was told of each file.
struct Desk {
    _folder: tempfile::TempDir,
    base: PathBuf,
    open: BTreeMap<PathBuf, &'static str>,
    rule: Rule,
    editing: Editing,
    shown: ByFile,
    saved: u64,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir(base.join("sub")).unwrap();
        let options = Options { base: base.clone() };
        Self {
            _folder: folder,
            base,
            open: BTreeMap::new(),
            rule: Rule::default(),
            editing: Editing::new(Vec::new(), options),
            shown: ByFile::new(),
            saved: 0,
        }
    }

    fn save(&mut self, name: &str, text: &str) {
        let path = self.base.join(name);
        std::fs::write(&path, text).unwrap();
        // Clocks of file systems are coarse: no two writes of this test have the same time.
        self.saved += 1;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.saved);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
        self.editing.look_again();
    }

    fn type_in(&mut self, name: &str, text: &'static str) {
        self.open.insert(self.base.join(name), text);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Type(file, text) => self.type_in(FILES[*file], TEXTS[*text]),
            Step::Close(file) => drop(self.open.remove(&self.base.join(FILES[*file]))),
            Step::Save(file, text) => self.save(FILES[*file], TEXTS[*text]),
            Step::Delete(file) => {
                let _ = std::fs::remove_file(self.base.join(FILES[*file]));
                self.editing.look_again();
            }
            Step::Remember(on) => self.rule.turn(*on),
        }
    }

    /// Tells the editor what changed. Answers with how many files were read for it.
    fn refresh(&mut self) -> usize {
        self.editing.retain(&self.open.keys().collect::<Vec<_>>());
        for (path, text) in &self.open {
            self.editing.set(path, text);
        }
        let Refreshed { changed, read } = self.editing.refresh(&self.rule);
        for name in changed {
            let problems: Vec<Diagnostic> = self.editing.problems(&name).into_iter().collect();
            match problems.is_empty() {
                true => drop(self.shown.remove(&name)),
                false => drop(self.shown.insert(name, problems)),
            }
        }
        read
    }

    /// What the editor would be told if it opened the project now. Texts that are no files are laid down for the time of it.
    fn whole(&self) -> ByFile {
        let new = self.open.iter().filter(|(path, _)| {
            let is_yaml = path.extension().is_some_and(|end| end == "yaml");
            is_yaml && !path.exists()
        });
        let new: Vec<&PathBuf> = new.map(|(path, _)| path).collect();
        for path in &new {
            std::fs::write(path, self.open[*path]).unwrap();
        }
        let found = self.as_files();
        for path in new {
            std::fs::remove_file(path).unwrap();
        }
        found
    }

    fn as_files(&self) -> ByFile {
        let mut session = Session::default();
        for (path, text) in &self.open {
            session.set(path, text);
        }
        let options = Options {
            base: self.base.clone(),
        };
        let mut loaded = session.load(&[], &options);
        if let Some(known) = &*self.rule.0.borrow() {
            let surveys = loaded.desired.surveys.iter();
            let templates =
                surveys.filter_map(|(address, survey)| Some((address.clone(), Template::of(survey)?)));
            let templates: Vec<_> = templates.collect();
            for one in self.rule.problems(known, &templates) {
                let problem = loaded.diagnostic(&one.address, &one.pointer, one.problem, one.label);
                loaded.diagnostics.push(problem);
            }
            loaded.diagnostics.sort();
        }
        by_file(loaded.diagnostics.iter())
    }

    fn codes(&self, name: &str) -> Vec<&str> {
        let problems = self.shown.get(name).into_iter().flatten();
        problems.map(|problem| problem.code.id()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn after_any_edits_the_problems_are_those_of_a_whole_validation(
        steps in prop::collection::vec(prop::collection::vec(step(), 1..3), 1..24),
    ) {
        let mut desk = Desk::new();
        desk.save("infield.yaml", "kind: Project\nname: all\n");
        for several in steps {
            several.iter().for_each(|step| desk.take(step));
            desk.refresh();
            prop_assert_eq!(&desk.shown, &desk.whole(), "after {:?}", several);
        }
    }
}

/// A project with twenty surveys in each of two folders.
fn forty() -> Desk {
    let mut desk = Desk::new();
    desk.save("infield.yaml", "kind: Project\nname: all\n");
    for number in 0..20 {
        let text = TEXTS[0].replace("soda", &format!("soda-{number}"));
        desk.save(&format!("{number}.yaml"), &text);
        desk.save(&format!("sub/{number}.yaml"), &text.replace("soda", "milk"));
    }
    assert_eq!(desk.refresh(), 41);
    desk
}

#[test]
fn a_change_reads_the_files_it_touches_and_no_other() {
    let mut desk = forty();
    assert_eq!(desk.refresh(), 0);
    desk.type_in(
        "7.yaml",
        "kind: Survey\nname: soda-8\npurespectrum: {template_id: 15}\n",
    );
    assert_eq!(desk.refresh(), 1);
    // The other document with the name is told where this one stands, and is not read.
    assert_eq!(desk.codes("8.yaml"), ["infield::manifest::duplicate-name"]);
    desk.type_in(
        "7.yaml",
        "# A line.\nkind: Survey\nname: soda-8\npurespectrum: {template_id: 15}\n",
    );
    assert_eq!(desk.refresh(), 1);
    assert_eq!(desk.shown, desk.whole());
    desk.editing.look_again();
    assert_eq!(desk.refresh(), 0, "nothing changed on disk");
    desk.save("sub/defaults.yaml", TEXTS[12]);
    assert_eq!(desk.refresh(), 21, "what the defaults count for, and themselves");
    desk.open.clear();
    assert_eq!(desk.refresh(), 1);
    assert_eq!(desk.shown, ByFile::new());
}

#[test]
fn what_surveys_want_is_forgotten_and_read_again_where_it_is_asked_for() {
    let mut desk = forty();
    let outlines = desk.editing.kept.iter().flatten().all(|kept| {
        let mut contents = kept.file.documents.iter().map(|document| &document.content);
        kept.file.source.is_none() && !contents.any(|content| matches!(content, Content::Survey(..)))
    });
    assert!(outlines);
    let address = Address::survey("soda-3");
    let template = |desk: &Desk| {
        let wanted = desk.editing.wanted(&address);
        wanted
            .get(&address)
            .and_then(Template::of)
            .map(|template| template.id)
    };
    assert_eq!(template(&desk), Some(15));
    desk.type_in(
        "3.yaml",
        "kind: Survey\nname: soda-3\npurespectrum: {template_id: 16}\n",
    );
    desk.refresh();
    assert_eq!(template(&desk), Some(16));
    assert_eq!(desk.editing.file(&address).map(|file| &**file), Some("3.yaml"));
    let (place, source) = desk.editing.locate(&address, "/name").unwrap();
    assert_eq!(&source.text()[place.value.range()], "soda-3");
    assert_eq!(desk.editing.surveys().len(), 40);
    desk.type_in(
        "3.yaml",
        "kind: Survey\nname: soda-3\nlocale: en_US\npurespectrum: {template_id: 16}\n",
    );
    desk.refresh();
    assert_eq!(template(&desk), None, "its file has an error");
    desk.rule.turn(true);
    desk.type_in(
        "4.yaml",
        "kind: Survey\nname: soda-4\npurespectrum: {template_id: 26}\n",
    );
    desk.refresh();
    assert_eq!(desk.codes("4.yaml"), ["infield::template::changed"]);
    desk.rule.turn(false);
    assert_eq!(desk.refresh(), 0);
    assert_eq!(desk.codes("4.yaml"), [""; 0]);
}
