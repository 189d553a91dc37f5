//! Loading as a whole: paths, folders, projects, digests, places, and files that cannot be read.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use infield::diag::{Diagnostic, Severity, code};
use infield::manifest::{Loaded, Options, Secret, load};
use infield::marketplace::PURESPECTRUM;
use infield::model::guard::Reached;
use infield::model::{Address, Answers, Field, GroupMember, Money, Range, Status};
use rust_decimal::Decimal;
use std::path::{Path, PathBuf};

const SURVEY: &str = "kind: Survey\nname: NAME\npurespectrum: {template_id: 15}\n";

fn survey(name: &str) -> String {
    SURVEY.replace("NAME", name)
}

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn at(base: &Path, paths: &[&str]) -> Loaded {
    load(
        &paths.iter().map(PathBuf::from).collect::<Vec<_>>(),
        &Options {
            base: base.to_owned(),
        },
    )
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|d| d.code.id()).collect()
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded.desired.surveys.keys().map(Address::as_str).collect()
}

#[test]
fn valid_manifests_mean_what_they_say() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/valid");
    let loaded = at(&base, &[]);
    let bad: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|d| d.severity != Severity::Note)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");

    let everything = &loaded.desired.surveys[&Address::survey("everything")];
    assert_eq!(everything.spec.cpi, Field::Null);
    assert_eq!(everything.spec.test_url, Field::Null);
    assert_eq!(everything.spec.status, Field::Set(Status::Paused));
    assert_eq!(everything.spec.template, Field::Absent);
    assert_eq!(everything.spec.attributes["billing_id"], Field::Null);
    assert_eq!(
        everything.spec.attributes["click_balancing"],
        Field::Set(true.into())
    );
    assert!(!everything.spec.attributes.contains_key("on_template_change"));
    let quotas = everything.spec.quotas.value().unwrap();
    let counts: Vec<_> = quotas.iter().map(|quota| quota.completes).collect();
    assert_eq!(counts, [333, 333, 334, 0, 1000]);
    let gender = &everything.spec.qualifications.value().unwrap()[0];
    assert_eq!(
        (gender.question.as_str(), &gender.answers),
        ("211", &Answers::codes(["111", "112", "113"]))
    );

    let states = &loaded.desired.surveys[&Address::survey("states")].spec;
    let state = states
        .qualifications
        .value()
        .unwrap()
        .iter()
        .find(|c| c.question == "225")
        .unwrap();
    assert_eq!(state.answers, Answers::codes(["36", "48", "6", "9"]));
    let east = &states.quotas.value().unwrap()[1];
    assert_eq!(east.criteria.len(), 2, "merged and overridden");
    assert_eq!(east.criteria[1].answers, Answers::codes(["36"]));
    let zips = &loaded.desired.surveys[&Address::survey("zips")].spec;
    let zip = zips
        .qualifications
        .value()
        .unwrap()
        .iter()
        .find(|c| c.question == "229")
        .unwrap();
    assert_eq!(zip.answers, Answers::codes(["94105", "94110"]));

    let named = &loaded.desired.surveys[&Address::survey("own-names")].spec;
    let asked = named.qualifications.value().unwrap();
    let of = |code: &str| {
        let found = asked.iter().find(|c| c.question == code).unwrap();
        (found.unit.as_deref(), &found.answers)
    };
    assert_eq!(of("644"), (None, &Answers::codes(["4", "5"])));
    let range = |from, to| Answers::ranges([Range { from, to }]);
    assert_eq!(of("702"), (Some("311"), &range(5, 10)));
    assert_eq!(of("213"), (Some("321"), &range(100_000, 999_999)));
    let seniors = &named.quotas.value().unwrap()[0];
    assert_eq!(seniors.criteria[0].answers, range(65, 99));

    let group = &loaded.desired.groups[&Address::survey("both")];
    assert_eq!(
        (group.reference.as_str(), group.exclusion_days),
        ("acme-both", Some(90))
    );
    assert_eq!(group.members.last(), Some(&GroupMember::VendorId(383_244.into())));

    let project = loaded.project.unwrap();
    let production = &project.environments["production"];
    let token = production.access[&PURESPECTRUM].secret.clone();
    assert_eq!(token, Some(Secret::Env("PURESPECTRUM_TOKEN".into())));
    assert_eq!(
        production.guards.max_cpi["USD"],
        "12.50 USD".parse::<Money>().unwrap()
    );
    let bench = project.environments["bench"].access[&PURESPECTRUM].secret.clone();
    assert_eq!(bench, Some(Secret::Literal("sandbox".into())));
    assert!(!format!("{bench:?}").contains("sandbox"));
}

#[test]
fn folders_are_walked_and_what_is_ignored_is_left_out() {
    let dir = project(&[
        ("infield.yaml", "kind: Project\nname: acme\n"),
        ("a.yaml", &survey("a")),
        ("deep/er/b.yml", &survey("b")),
        ("deep/notes.txt", "not yaml"),
        (".github/workflow.yaml", "on: push\n"),
        (".infield/state.yaml", "x: 1\n"),
        ("target/c.yaml", "x: 1\n"),
        ("vendor/c.yaml", "x: 1\n"),
        (".gitignore", "/vendor/\n"),
        ("other/d.yaml", "x: 1\n"),
        (".ignore", "other\n"),
        ("comments.yaml", "# nothing here yet\n"),
    ]);
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), Vec::<&str>::new());
    assert_eq!(names(&loaded), ["a", "b"]);
    assert!(loaded.whole_project);
    let files: Vec<_> = loaded.files.iter().map(|name| &**name).collect();
    assert_eq!(
        files,
        ["a.yaml", "comments.yaml", "deep/er/b.yml", "infield.yaml"]
    );
}

#[test]
fn states_have_names_postal_codes_and_regions() {
    let asked = |qualification: &str| {
        let text = format!(
            "{}locale: en-US\nqualifications: {{{qualification}}}\n",
            survey("soda")
        );
        let dir = project(&[("soda.yaml", &text)]);
        let loaded = at(dir.path(), &[]);
        assert!(
            loaded.diagnostics.is_empty(),
            "{qualification}: {:?}",
            loaded.diagnostics
        );
        let survey = loaded.desired.surveys.values().next().unwrap();
        let criterion = &survey.spec.qualifications.value().unwrap()[0];
        assert_eq!(criterion.question, "225");
        let Answers::Codes(codes) = &criterion.answers else {
            panic!("{criterion:?}")
        };
        codes.iter().cloned().collect::<Vec<_>>().join(" ")
    };
    for same in [
        "us_state: [texas, new-york]",
        "us_state: [TX, ny]",
        "us_state: [Texas, New York]",
        "us_state: [\"48\", \"036\"]",
    ] {
        assert_eq!(asked(same), "36 48", "{same}");
    }
    assert_eq!(asked("us_state: [DC, PR]"), "11 72");
    assert_eq!(asked("us_division: pacific"), "15 2 41 53 6");
    assert_eq!(asked("us_region: [Northeast]"), "23 25 33 34 36 42 44 50 9");
    let all = asked("us_region: [northeast, midwest, south, west]");
    assert_eq!(all.split(' ').count(), 51);
    assert_eq!(
        asked("us_division: [new-england, middle-atlantic]"),
        asked("us_region: northeast")
    );
}

#[test]
fn protection_stands_in_surveys_defaults_matrices_groups_and_blocks() {
    let example = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).unwrap()
    };
    let groups = example("innovatemr/brand-lift.yaml")
        .replacen("status: live\n", "status: live\nprotect: true\n", 1)
        .replacen(
            "    completes: 200\n",
            "    completes: 200\n    protect: false\n",
            1,
        );
    let study = example("studies/three-marketplaces/soda-brands.yaml").replacen(
        "  category: 232\n",
        "  category: 232\n  protect: true\n",
        1,
    );
    let matrix = "protect: ${keep.it}\nmatrix: {keep: [{name: a, it: true}, {name: b, it: false}]}\n";
    let dir = project(&[
        ("plain.yaml", &survey("plain")),
        ("said.yaml", &format!("{}protect: true\n", survey("said"))),
        ("all/defaults.yaml", "kind: Defaults\nprotect: true\n"),
        ("all/inherits.yaml", &survey("inherits")),
        ("all/not.yaml", &format!("{}protect: false\n", survey("not"))),
        ("matrix.yaml", &format!("{}{matrix}", survey("m-${keep.name}"))),
        ("groups.yaml", &groups),
        ("study.yaml", &study),
    ]);
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), Vec::<&str>::new());
    let protected = |name: &str| loaded.desired.surveys[&Address::survey(name)].policy.protect;
    for (name, wanted) in [
        ("plain", false),
        ("said", true),
        ("inherits", true),
        ("not", false),
        ("m-a", true),
        ("m-b", false),
        ("brand-lift", true),
        ("brand-lift/us-adults", true),
        ("brand-lift/in-adults", false),
        ("soda-brands@purespectrum", true),
        ("soda-brands@innovatemr", false),
        ("soda-brands@cint/main", false),
    ] {
        assert_eq!(protected(name), wanted, "{name}");
    }
}

#[test]
fn limits_of_money_name_one_currency_or_several_to_the_cent() {
    let guards = "guards: {max_cpi: {USD: 4.10, EUR: \"3.80\"}, exposure: {max_increase: 500 USD, max_total: {JPY: 90000}}, \
                  changes: {max_removed: 0%, max_touched: 12.5%}}";
    let text = format!("kind: Project\nname: acme\nenvironments: {{p: {{{guards}}}}}\n");
    let dir = project(&[("infield.yaml", &text)]);
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), Vec::<&str>::new());
    let guards = loaded.project.unwrap().environments["p"].guards.clone();
    let texts = |limits: &std::collections::BTreeMap<String, Money>| -> Vec<String> {
        limits.values().map(ToString::to_string).collect()
    };
    assert_eq!(texts(&guards.max_cpi), ["3.80 EUR", "4.10 USD"]);
    assert_eq!(texts(&guards.max_increase), ["500.00 USD"]);
    assert_eq!(texts(&guards.max_total), ["90000 JPY"]);
    let shares: Vec<String> = guards
        .shares
        .iter()
        .map(|(what, share)| format!("{what:?} {share}"))
        .collect();
    assert_eq!(shares, ["Removed 0", "Touched 12.5"]);
    assert_eq!(guards.share(Reached::Paused, 10), Some(Decimal::from(30)));
    assert_eq!(guards.share(Reached::Paused, 9), None);
    assert_eq!(guards.share(Reached::Removed, 1), Some(Decimal::ZERO));
}

#[test]
fn the_project_is_found_from_below_and_read_once() {
    let dir = project(&[
        (
            "infield.yaml",
            "kind: Project\nname: acme\n---\nkind: SurveyGroup\nname: g\nsurveys: [a]\n",
        ),
        ("surveys/a.yaml", &survey("a")),
        ("surveys/b.yaml", &survey("b")),
    ]);
    let loaded = at(
        &dir.path().join("surveys"),
        &["a.yaml", "./a.yaml", "../surveys/a.yaml"],
    );
    assert_eq!(codes(&loaded), Vec::<&str>::new());
    assert_eq!(names(&loaded), ["a"]);
    assert!(!loaded.whole_project);
    let project = loaded.project.unwrap();
    assert_eq!(project.name, "acme");
    assert_eq!(
        project.root.canonicalize().unwrap(),
        dir.path().canonicalize().unwrap()
    );
    assert_eq!(loaded.desired.groups[&Address::survey("g")].reference, "acme-g");
}

#[test]
fn the_digest_follows_contents_and_lists_and_nothing_else() {
    let list =
        "kind: Survey\nname: a\npurespectrum: {template_id: 1}\nqualifications: {zip: {file: zips.txt}}\n";
    let files = [
        ("infield.yaml", "kind: Project\nname: acme\n"),
        ("s/a.yaml", list),
        ("s/zips.txt", "94105\n"),
    ];
    let (one, two) = (project(&files), project(&files));
    let digest = |dir: &Path| at(dir, &[]).digest;
    assert_eq!(digest(one.path()), digest(two.path()));
    assert_eq!(digest(one.path()), at(&one.path().join("s"), &[".."]).digest);
    assert_eq!(digest(one.path()).len(), 64);
    std::fs::write(two.path().join("s/zips.txt"), "94110\n").unwrap();
    assert_ne!(digest(one.path()), digest(two.path()));
}

#[test]
fn values_are_found_again_until_the_file_changes() {
    let text = format!("# first document\n{}---\n{}", survey("a"), survey("b"));
    let dir = project(&[("all.yaml", &text)]);
    let mut loaded = at(dir.path(), &[]);
    let address = Address::survey("b");
    let location = loaded.locate(&address, "/purespectrum/template_id").unwrap();
    assert!(location.exact);
    assert_eq!(&text[location.value.range()], "15");
    assert!(location.value.start as usize > text.find("---").unwrap());
    let missing = loaded.locate(&address, "/purespectrum/category").unwrap();
    assert!(!missing.exact);
    assert_eq!(&text[missing.key.unwrap().range()], "purespectrum");
    let problem = loaded.diagnostic(&address, "/name", Diagnostic::error(code::INTERNAL, "x"), "here");
    assert_eq!(&text[problem.span().unwrap().range()], "b");
    assert!(loaded.sources.get("all.yaml").is_some());
    std::fs::write(dir.path().join("all.yaml"), text.replace("15", "16")).unwrap();
    assert_eq!(loaded.locate(&address, "/purespectrum/template_id"), None);
    assert_eq!(loaded.locate(&Address::survey("nobody"), "/name"), None);
}

#[test]
fn what_cannot_be_read_does_not_hide_the_rest() {
    let dir = project(&[("a.yaml", &survey("a"))]);
    std::fs::write(dir.path().join("big.yaml"), vec![b'#'; 17 * 1024 * 1024]).unwrap();
    std::fs::create_dir(dir.path().join("folder.yaml")).unwrap();
    let loaded = at(dir.path(), &[".", "nowhere.yaml"]);
    assert_eq!(
        codes(&loaded),
        ["infield::file::too-big", "infield::file::missing"]
    );
    assert_eq!(names(&loaded), ["a"]);
    assert!(loaded.has_errors());
}

#[cfg(unix)]
#[test]
fn links_in_circles_are_harmless_and_links_to_nothing_are_said() {
    use std::os::unix::fs::symlink;
    let dir = project(&[("s/a.yaml", &survey("a"))]);
    symlink(dir.path(), dir.path().join("s/loop")).unwrap();
    symlink("a.yaml", dir.path().join("s/same.yaml")).unwrap();
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), Vec::<&str>::new());
    assert_eq!(names(&loaded), ["a"]);
    // A survey behind it would otherwise count as removed.
    symlink("nowhere.yaml", dir.path().join("s/dangling.yaml")).unwrap();
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), ["infield::file::unreadable"]);
    assert!(loaded.has_errors());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let dir = project(&[]);
    assert_eq!(
        codes(&at(dir.path(), &["/dev/null"])),
        ["infield::file::unreadable"]
    );
}

#[test]
fn nothing_at_all_is_said_but_is_no_error() {
    let dir = project(&[]);
    let loaded = at(dir.path(), &[]);
    assert_eq!(codes(&loaded), ["infield::manifest::nothing"]);
    assert!(!loaded.has_errors());
}

#[test]
fn documents_behind_a_broken_one_are_still_read() {
    let text = format!("{}---\nkind: [\n---\n{}", survey("a"), survey("a"));
    let dir = project(&[("all.yaml", &text)]);
    let loaded = at(dir.path(), &[]);
    assert_eq!(
        codes(&loaded),
        ["infield::yaml::syntax", "infield::manifest::duplicate-name"]
    );
}

#[test]
fn crlf_and_byte_order_marks_change_nothing() {
    let text =
        "\u{feff}kind: Survey\r\nname: zürich\r\nlocale: en_US # ü\r\npurespectrum: {template_id: 15}\r\n";
    let dir = project(&[("a.yaml", text)]);
    let loaded = at(dir.path(), &[]);
    let spans: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|d| &text[d.span().unwrap().range()])
        .collect();
    assert_eq!(spans, ["zürich"], "the shape comes first");
    let text = text.replace("zürich", "zurich");
    std::fs::write(dir.path().join("a.yaml"), &text).unwrap();
    let loaded = at(dir.path(), &[]);
    let spans: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|d| &text[d.span().unwrap().range()])
        .collect();
    assert_eq!(spans, ["en_US"]);
}

#[test]
fn order_of_files_and_threads_does_not_show() {
    let files: Vec<_> = (0..60)
        .map(|i| (format!("s{i}.yaml"), survey(&format!("s{}", i % 50))))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let dir = project(&files);
    let first = at(dir.path(), &[]);
    assert_eq!(codes(&first).len(), 10);
    for _ in 0..5 {
        let again = at(dir.path(), &[]);
        assert_eq!(again.diagnostics, first.diagnostics);
        assert_eq!(
            (again.desired, again.digest),
            (first.desired.clone(), first.digest.clone())
        );
    }
}

#[test]
fn wrong_shapes_do_not_hide_wrong_meanings() {
    let text = "kind: Survey\nname: a\ncomplets: 400\ncpi: 0 USD\nstatus: lvie\nlocale: en_US\ntitle: 7\n\
                qualifications: {gendre: male}\nquotas: [{name: a, completes: 49%, where: {age: 9-1}}]\n\
                purespectrum: {category: x, qlc: true, fild: 1}\n";
    let dir = project(&[("a.yaml", text)]);
    let loaded = at(dir.path(), &[]);
    let mut codes = codes(&loaded);
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "infield::money::zero",
            "infield::shape::type",
            "infield::shape::type",
            "infield::shape::unknown-key",
            "infield::shape::unknown-key",
            "infield::shape::value",
            "infield::survey::locale",
            "infield::targeting::invalid-range",
            "infield::targeting::unknown-question",
        ]
    );
}

#[test]
fn a_field_of_the_wrong_shape_is_not_also_missing() {
    for text in [
        "title: 7",
        "completes: many",
        "completes: 49%\nquotas: [{name: a, completes: 49%, where: {age: 18-34}}]",
        "quotas: [{name: a}]",
        "incidence_rte: 50",
        "locale: en_US",
    ] {
        let text = format!("kind: Survey\nname: a\npurespectrum: {{category: 232, qlc: true}}\n{text}\n");
        let dir = project(&[("a.yaml", &text)]);
        let loaded = at(dir.path(), &[]);
        let found = codes(&loaded);
        assert!(!found.contains(&"infield::quota::share"), "{text}: {found:?}");
        let missing = loaded
            .diagnostics
            .iter()
            .find(|d| d.code == code::SURVEY_INCOMPLETE);
        let about = text.lines().last().unwrap().split(':').next().unwrap();
        assert!(
            missing.is_none_or(|d| !d.message.contains(about)),
            "{text}: {missing:?}"
        );
    }
}

/// A survey of Cint with this `field`, and the defaults of its folder.
fn timed(defaults: &str, field: &str) -> Loaded {
    let survey = format!(
        "kind: Survey\nname: tea\ntitle: Tea drinkers\nlocale: en-US\ncompletes: 400\nincidence_rate: 50\nlength_of_interview: 5\n\
         field: {field}\ncpi: 3.75 USD\nlive_url: https://survey.example.com/s?rid=[%RID%]\ncint: {{business_unit: 3337, project_manager: b551326b-ac9d-4d32-8823-4f025787dab9}}\n"
    );
    let dir = project(&[("defaults.yaml", defaults), ("tea.yaml", &survey)]);
    at(dir.path(), &["tea.yaml"])
}

/// The times in field of the only group of a survey.
fn times(loaded: &Loaded) -> [String; 2] {
    let group = loaded
        .desired
        .surveys
        .values()
        .find(|survey| !survey.spec.end.is_absent());
    let spec = &group.expect("a survey has times").spec;
    [&spec.start, &spec.end].map(|time| time.value().map(ToString::to_string).unwrap_or_default())
}

#[test]
fn times_are_on_the_clock_that_the_manifest_or_its_defaults_name() {
    let berlin = "kind: Defaults\nfield: {timezone: Europe/Berlin}\n";
    for (defaults, field, [start, end]) in [
        // Winter, and summer.
        (
            berlin,
            "{start: 2036-12-01 09:00, end: 2037-07-01T18:00:00}",
            ["2036-12-01T08:00:00Z", "2037-07-01T16:00:00Z"],
        ),
        // A day alone is all of it.
        (
            berlin,
            "{start: 2036-12-01, end: 2036-12-15}",
            ["2036-11-30T23:00:00Z", "2036-12-15T23:00:00Z"],
        ),
        // The survey's own clock is nearer, and a zone that is written counts before either.
        (
            berlin,
            "{start: 2036-12-01 09:00, end: 2036-12-15T18:00:00Z, timezone: America/New_York}",
            ["2036-12-01T14:00:00Z", "2036-12-15T18:00:00Z"],
        ),
        // Times of defaults are not taken one by one.
        (
            "kind: Defaults\nfield: {start: 2036-12-01T00:00:00Z, timezone: UTC}\n",
            "{end: 2036-12-15}",
            ["", "2036-12-16T00:00:00Z"],
        ),
    ] {
        let loaded = timed(defaults, field);
        assert!(
            !loaded.diagnostics.has_errors(),
            "{field}: {:?}",
            loaded.diagnostics
        );
        assert_eq!(times(&loaded), [start, end], "{field}");
    }
}

#[test]
fn a_moment_that_a_clock_does_not_name_is_asked_for() {
    let said = |field: &str| {
        let loaded = timed("kind: Defaults\n", field);
        let errors = loaded
            .diagnostics
            .iter()
            .filter(|one| one.severity == Severity::Error);
        let said: Vec<_> = errors
            .map(|one| (one.message.clone(), one.help.clone().unwrap_or_default()))
            .collect();
        assert_eq!(said.len(), 1, "{said:?}");
        said[0].clone()
    };
    let (message, help) = said("{end: 2036-10-26 02:30, timezone: Europe/Berlin}");
    assert!(message.contains("comes twice in Berlin"), "{message}");
    assert_eq!(
        help,
        "write `2036-10-26T02:30:00+02:00` or `2036-10-26T02:30:00+01:00`"
    );
    let (message, help) = said("{end: 2036-03-30 02:30, timezone: Europe/Berlin}");
    assert!(message.contains("does not come in Berlin"), "{message}");
    assert_eq!(
        help,
        "write `2036-03-30T01:30:00+01:00` or `2036-03-30T03:30:00+02:00`"
    );
    let (message, help) = said("{start: 2036-10-26, end: 2036-12-01 10:00, timezone: Berlin}");
    assert!(message.contains("no time zone `Berlin`"), "{message}");
    assert!(help.contains("`Europe/Berlin`"), "{help}");
    let (_, help) = said("{end: 2036-12-15}");
    assert!(help.contains("`timezone: Europe/Berlin`"), "{help}");
}
