//! History in a folder, and in places that are slow or damaged.

use super::super::looks::Counted;
use super::super::who::By;
use super::*;
use crate::model::Address;
use crate::plan::Plan;
use crate::state::LocalStore;
use camino::Utf8PathBuf;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::fs;

fn folder() -> (tempfile::TempDir, LocalStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    (folder, LocalStore::new(path))
}

fn place(parts: &dyn Parts) -> Place<'_> {
    Place {
        parts,
        hide: &|text| text.replace("hunter2", "[secret]"),
    }
}

fn run(id: &str) -> Run {
    let by = By {
        actor: "ada".to_owned(),
        ..By::default()
    };
    let mut run = Run::new(id.to_owned(), "apply", Timestamp::UNIX_EPOCH, "production", by);
    run.said = vec!["did hunter2".to_owned()];
    run
}

fn end(id: &str) -> End {
    super::super::record::Ending::default().end(id, Timestamp::UNIX_EPOCH, None)
}

fn look(second: i64, completes: u64) -> Look {
    let counted = Counted {
        id: "7".to_owned(),
        completes: Some(completes),
        ..Counted::default()
    };
    Look {
        at: Timestamp::from_second(second).unwrap(),
        surveys: BTreeMap::from([(Address::survey("soda"), counted)]),
    }
}

async fn ids(place: &Place<'_>, most: usize) -> (Vec<(String, bool)>, Vec<Problem>) {
    let mut ids = Vec::new();
    let problems = place
        .runs(|run| {
            ids.push((run.id, run.end.is_some()));
            match ids.len() < most {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })
        .await;
    (ids, problems)
}

#[tokio::test]
async fn runs_come_back_last_first_and_one_that_was_killed_has_no_end() {
    let (_folder, store) = folder();
    let place = place(&store);
    assert_eq!(ids(&place, 9).await, (Vec::new(), Vec::new()));
    for id in ["1", "2", "3"] {
        place.keep_run(&run(id)).await.unwrap();
    }
    place.keep_end(end("1")).await.unwrap();
    place.keep_end(end("3")).await.unwrap();
    let all = [
        ("3".to_owned(), true),
        ("2".to_owned(), false),
        ("1".to_owned(), true),
    ];
    assert_eq!(ids(&place, 9).await, (all.to_vec(), Vec::new()));
    assert_eq!(ids(&place, 2).await.0, all[..2]);
}

#[tokio::test]
async fn what_is_damaged_is_passed_over_and_told() {
    let (folder, store) = folder();
    let place = place(&store);
    for id in ["1", "2", "3"] {
        place.keep_run(&run(id)).await.unwrap();
    }
    let runs = folder.path().join("history/runs");
    fs::write(
        runs.join("2.begun.jsonl.gz"),
        "{\"format\":\"infield.history/1\",\"ru",
    )
    .unwrap();
    fs::write(runs.join("2.ended.jsonl"), [0xff, 0xfe, b'\n']).unwrap();
    let (found, problems) = ids(&place, 9).await;
    assert_eq!(found.len(), 2);
    assert_eq!(
        problems,
        [
            "runs/2.begun.jsonl.gz is damaged",
            "runs/2.ended.jsonl is damaged"
        ]
    );
    fs::remove_dir_all(folder.path().join("history")).unwrap();
    fs::write(folder.path().join("history"), "no folder").unwrap();
    let (found, problems) = ids(&place, 9).await;
    assert!(
        found.is_empty() && problems[0].contains("cannot be read"),
        "{problems:?}"
    );
    let (looks, problems) = place.looks().await;
    assert!(looks.is_empty() && problems.len() == 1, "{problems:?}");
    assert!(place.keep_run(&run("4")).await.is_err());
    let (looks, kept) = place.keep_look("a", look(1, 1)).await;
    assert!(!looks.is_empty() && kept.is_err());
}

#[tokio::test]
async fn no_secret_is_written() {
    let (folder, store) = folder();
    place(&store).keep_run(&run("1")).await.unwrap();
    let bytes = fs::read(folder.path().join("history/runs/1.begun.jsonl.gz")).unwrap();
    let text = String::from_utf8(packed::unpack(&bytes, 9999).unwrap().into_owned()).unwrap();
    assert!(
        text.contains("did [secret]") && !text.contains("hunter2"),
        "{text}"
    );
    let plan = Kept {
        given: vec!["hunter2".to_owned()],
        ..Kept::new("1", "digest", &Plan::default())
    };
    let place = place(&store);
    place.keep_plan("1", &plan, 2).await.unwrap();
    assert_eq!(place.plan("1").await.unwrap().unwrap().given, ["[secret]"]);
}

#[tokio::test]
async fn a_look_is_kept_once_and_many_are_brought_together() {
    let (folder, store) = folder();
    let place = place(&store);
    let parts = || fs::read_dir(folder.path().join("history/looks")).unwrap().count();
    let day = 86_400;
    for number in 0..u64::try_from(MOST_PARTS).unwrap() {
        let at = i64::try_from(number).unwrap();
        let (_, kept) = place.keep_look(&format!("{number:04}"), look(at, number)).await;
        kept.unwrap();
        // Nothing new.
        let (_, kept) = place.keep_look("again", look(at + 1, number)).await;
        kept.unwrap();
    }
    assert_eq!(parts(), MOST_PARTS);
    let (looks, kept) = place.keep_look("9999", look(3 * day, 1_000)).await;
    kept.unwrap();
    assert_eq!(parts(), 1);
    assert_eq!(
        looks.completes(&Address::survey("soda"), "7").len(),
        MOST_PARTS + 1
    );
    let (looks, problems) = place.looks().await;
    assert!(problems.is_empty());
    let left: Vec<u64> = looks
        .completes(&Address::survey("soda"), "7")
        .iter()
        .map(|point| point.completes)
        .collect();
    // All of the first minute are in one hour.
    assert_eq!(left, [63, 1_000]);
}

#[tokio::test]
async fn a_damaged_part_of_looks_is_not_thrown_away() {
    let (folder, store) = folder();
    let place = place(&store);
    let looks = folder.path().join("history/looks");
    fs::create_dir_all(&looks).unwrap();
    for number in 0..MOST_PARTS {
        fs::write(looks.join(format!("{number:04}.jsonl")), "nonsense\n").unwrap();
    }
    let (_, kept) = place.keep_look("9999", look(1, 1)).await;
    kept.unwrap();
    assert_eq!(fs::read_dir(&looks).unwrap().count(), MOST_PARTS + 1);
    let (found, problems) = place.looks().await;
    assert_eq!(found.completes(&Address::survey("soda"), "7").len(), 1);
    assert_eq!(problems.len(), MOST_PARTS);
}

#[tokio::test]
async fn plans_of_the_last_runs_are_kept() {
    let (folder, store) = folder();
    let place = place(&store);
    let plan = Plan::default();
    for id in ["1", "2", "3"] {
        place
            .keep_plan(id, &Kept::new(id, "digest", &plan), 2)
            .await
            .unwrap();
    }
    assert_eq!(place.plan("1").await.unwrap(), None);
    assert_eq!(place.plan("2").await.unwrap().unwrap().run, "2");
    assert_eq!(place.plan("3").await.unwrap().unwrap().run, "3");
    let at = |name: &str| folder.path().join("history/plans").join(name);
    let packed = fs::read(at("3.json.gz")).unwrap();
    fs::write(at("3.json.gz"), &packed[..packed.len() / 2]).unwrap();
    assert!(place.plan("3").await.is_err());
    // One that an older program kept.
    fs::remove_file(at("3.json.gz")).unwrap();
    fs::write(at("3.json"), Kept::new("3", "digest", &plan).to_text()).unwrap();
    assert_eq!(place.plan("3").await.unwrap().unwrap().run, "3");
    fs::write(at("3.json"), "{}").unwrap();
    assert!(place.plan("3").await.is_err());
    place
        .keep_plan("4", &Kept::new("4", "digest", &plan), 0)
        .await
        .unwrap();
    assert_eq!(
        fs::read_dir(folder.path().join("history/plans")).unwrap().count(),
        0
    );
}

#[test]
fn the_oldest_go_first_where_there_are_too_many_or_too_much() {
    let part = |name: &str, size: u64| Part {
        name: name.to_owned(),
        size,
    };
    let small = [part("1", 1), part("2", 1), part("3", 1)];
    assert_eq!(too_many(&small, 3), Vec::<String>::new());
    assert_eq!(too_many(&small, 1), ["1", "2"]);
    assert_eq!(too_many(&small, 0), ["1", "2", "3"]);
    let large = [
        part("1", 1),
        part("2", MOST_OF_PLANS),
        part("3", MOST_OF_PLANS + 1),
    ];
    assert_eq!(too_many(&large, 3), ["1", "2"]);
    let fitting = [
        part("1", MOST_OF_PLANS),
        part("2", MOST_OF_PLANS - 5),
        part("3", 5),
    ];
    assert_eq!(too_many(&fitting, 3), ["1"]);
    let lines = |most| last_of(["one\n", "two\n", "three\n"].map(str::to_owned).into_iter(), most);
    assert_eq!(lines(100), "one\ntwo\nthree\n");
    assert_eq!(lines(10), "two\nthree\n");
    assert_eq!(lines(9), "three\n");
}

/// A place that never answers.
struct Silent;

impl Parts for Silent {
    fn list<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Part>, PartsError>> {
        Box::pin(std::future::pending())
    }

    fn read<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, PartsError>> {
        Box::pin(std::future::pending())
    }

    fn add<'a>(&'a self, _: &'a str, _: &'a str, _: &'a [u8]) -> BoxFuture<'a, Result<(), PartsError>> {
        Box::pin(std::future::pending())
    }

    fn remove<'a>(&'a self, _: &'a str, _: &'a [String]) -> BoxFuture<'a, Result<(), PartsError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_that_does_not_answer_is_not_waited_for() {
    let place = place(&Silent);
    let problem = place.keep_run(&run("1")).await.unwrap_err();
    assert_eq!(problem, "its place did not answer within 10 seconds");
    assert_eq!(ids(&place, 9).await, (Vec::new(), vec![problem.clone()]));
    let (looks, problems) = place.looks().await;
    assert!(looks.is_empty());
    assert_eq!(problems, [problem]);
}

/// A place that counts what is read.
struct Counting<'a>(&'a LocalStore, std::sync::atomic::AtomicUsize);

impl Parts for Counting<'_> {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Part>, PartsError>> {
        self.0.list(folder)
    }

    fn read<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, PartsError>> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Parts::read(self.0, folder, name)
    }

    fn add<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
        bytes: &'a [u8],
    ) -> BoxFuture<'a, Result<(), PartsError>> {
        self.0.add(folder, name, bytes)
    }

    fn remove<'a>(&'a self, folder: &'a str, names: &'a [String]) -> BoxFuture<'a, Result<(), PartsError>> {
        self.0.remove(folder, names)
    }
}

/// A look at surveys by number, with so many completes each.
fn look_at(second: i64, counts: &[(usize, u64)]) -> Look {
    let mut all = look(second, 0);
    all.surveys = counts
        .iter()
        .map(|(survey, completes)| {
            let counted = Counted {
                completes: Some(*completes),
                ..look(0, 0).surveys.pop_first().unwrap().1
            };
            (Address::survey(format!("wave-{survey}")), counted)
        })
        .collect();
    all
}

#[tokio::test]
async fn a_look_is_noted_from_two_parts_and_no_point_is_lost_or_told_twice() {
    let (folder, store) = folder();
    let counting = Counting(&store, Default::default());
    let place = place(&counting);
    let parts = || fs::read_dir(folder.path().join("history/looks")).unwrap().count();
    let reads = || counting.1.swap(0, std::sync::atomic::Ordering::SeqCst);
    let mut now: Vec<(usize, u64)> = (0..100).map(|survey| (survey, 0)).collect();
    let mut points = vec![vec![0]; 100];
    place.note_look("0000", look_at(0, &now)).await.unwrap();
    assert_eq!(reads(), 0);
    for round in 1..40 {
        // In turn: one moves and is seen alone, seven move, all do. Values come back, too.
        let moved = match round % 3 {
            0 => vec![round % 10],
            1 => (0..7).map(|at| (round * 7 + at) % 100).collect(),
            _ if round == 20 => (0..100).collect(),
            _ => vec![round % 2],
        };
        for survey in &moved {
            now[*survey].1 = (now[*survey].1 + 1) % 3;
            points[*survey].push(now[*survey].1);
        }
        let seen: Vec<_> = match round % 3 {
            0 => moved.iter().map(|survey| now[*survey]).collect(),
            _ => now.clone(),
        };
        let at = i64::try_from(round).unwrap() * 10;
        place
            .note_look(&format!("{round:04}"), look_at(at, &seen))
            .await
            .unwrap();
        assert!(reads() <= 2, "{round}");
        let before = parts();
        place.note_look("again", look_at(at + 1, &now)).await.unwrap();
        assert_eq!((parts(), reads() <= 2), (before, true), "{round}");
    }
    assert_eq!(parts(), 40);
    let (looks, problems) = place.looks().await;
    assert_eq!(problems, [] as [Problem; 0]);
    for (survey, expected) in points.iter().enumerate() {
        let address = Address::survey(format!("wave-{survey}"));
        let found = looks.completes(&address, "7");
        let found: Vec<u64> = found.iter().map(|point| point.completes).collect();
        assert_eq!(&found, expected, "{survey}");
    }
    let size = |name: &str| {
        fs::metadata(folder.path().join("history/looks").join(name))
            .unwrap()
            .len()
    };
    assert!(size("0001.1.jsonl") < size("0000.0.jsonl") / 5);
}

#[tokio::test]
async fn all_looks_are_read_where_the_last_does_not_say_all_that_changed() {
    let whole = |place: &str| format!("{place}.0.jsonl");
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("{name}.jsonl"))
            .collect::<Vec<_>>()
    };
    assert_eq!(enough(&[]), None);
    assert_eq!(enough(&names(&["a.0"])), Some(vec![whole("a")]));
    assert_eq!(
        enough(&names(&["0", "a.0", "b.1", "c.2"])),
        Some(names(&["a.0", "c.2"]))
    );
    // Two side by side; one of an older program; one that is gone; others' names.
    for unsure in [
        &["a.0", "b.1", "c.1"][..],
        &["a.0", "b.1", "c"],
        &["a.0", "b", "c.2"],
        &["a.0", "c.2"],
        &["b.1"],
        &["a.x"],
    ] {
        assert_eq!(enough(&names(unsure)), None, "{unsure:?}");
    }
    let (folder, store) = folder();
    let place = place(&store);
    let many: Vec<_> = (0..30).map(|survey| (survey, 0)).collect();
    place.note_look("1", look_at(1, &many)).await.unwrap();
    place.note_look("2", look_at(2, &[(0, 1)])).await.unwrap();
    let at = |name: &str| folder.path().join("history/looks").join(name);
    fs::copy(at("2.1.jsonl"), at("3.1.jsonl")).unwrap();
    // Nothing is new, and what is comes with all that is known.
    place.note_look("4", look_at(4, &[(0, 1), (1, 0)])).await.unwrap();
    place.note_look("5", look_at(5, &[(0, 2)])).await.unwrap();
    assert!(!at("4.0.jsonl").exists() && at("5.0.jsonl").exists());
    // So it is where a part is damaged.
    fs::write(at("5.0.jsonl"), "nonsense\n").unwrap();
    place.note_look("6", look_at(6, &[(0, 3)])).await.unwrap();
    let lines = fs::read_to_string(at("6.0.jsonl")).unwrap();
    assert_eq!(lines.matches("wave-").count(), 30);
    // A clock that was set back loses nothing.
    place.note_look("7", look_at(3, &[(0, 9)])).await.unwrap();
    let (looks, _) = place.looks().await;
    let points = looks.completes(&Address::survey("wave-0"), "7");
    let points: Vec<u64> = points.iter().map(|point| point.completes).collect();
    assert_eq!(points, [0, 1, 9, 3]);
}
