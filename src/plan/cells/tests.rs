use super::*;
use crate::marketplace::{CINT, PURESPECTRUM, purespectrum};
use crate::model::{Answers, Criterion, Field, Quota, Words};
use proptest::prelude::*;

const BOOK: &Codebook = &purespectrum::codebook::CODEBOOK;

/// Questions that no codebook knows, so that codes are shown as they are.
const QUESTIONS: [&str; 3] = ["x1", "x2", "x3"];

fn codes(question: &str, mask: u8) -> Option<Criterion> {
    let codes = (0..3)
        .filter(|bit| mask & (1 << bit) != 0)
        .map(|bit| bit.to_string());
    (mask != 0).then(|| Criterion {
        question: question.to_owned(),
        unit: None,
        answers: Answers::codes(codes),
    })
}

fn criteria(masks: [u8; 3]) -> Vec<Criterion> {
    let each = QUESTIONS.into_iter().zip(masks);
    each.filter_map(|(question, mask)| codes(question, mask))
        .collect()
}

fn quota(name: &str, completes: u64, criteria: Vec<Criterion>) -> Quota {
    Quota {
        name: name.to_owned(),
        completes,
        criteria: criteria.into(),
    }
}

fn survey(goal: u64, who: Vec<Criterion>, quotas: Vec<Quota>) -> SurveySpec {
    SurveySpec {
        completes: Field::Set(goal),
        qualifications: Field::Set(who.into()),
        quotas: Field::Set(quotas.into()),
        ..SurveySpec::default()
    }
}

fn shown(people: &[Vec<Part>]) -> Vec<Vec<(String, Vec<String>)>> {
    let words = Words {
        codebook: BOOK,
        lexicon: None,
    };
    let parts = |parts: &Vec<Part>| parts.iter().map(|part| part.describe(&words)).collect();
    people.iter().map(parts).collect()
}

/// A respondent: an answer to each question.
type Person = [u8; 3];

fn is_in(person: Person, cell: &Cell) -> bool {
    shown(&cell.people).iter().any(|parts| {
        parts.iter().all(|(question, answers)| {
            let at = QUESTIONS.iter().position(|one| one == question).unwrap();
            answers.contains(&person[at].to_string())
        })
    })
}

fn meets(person: Person, masks: [u8; 3]) -> bool {
    (0..3).all(|at| masks[at] == 0 || masks[at] & (1 << person[at]) != 0)
}

/// The most completes that can come of people of these kinds, each kind told by its quotas, found by trying.
fn most(kinds: &[Vec<usize>], open: &mut [u64], goal: u64) -> u64 {
    let Some((first, rest)) = kinds.split_first() else {
        return 0;
    };
    let room = first.iter().map(|at| open[*at]).min().unwrap_or(goal).min(goal);
    let mut best = 0;
    for some in 0..=room {
        first.iter().for_each(|at| open[*at] -= some);
        best = best.max(some + most(rest, open, goal - some));
        first.iter().for_each(|at| open[*at] += some);
        if best == goal {
            break;
        }
    }
    best
}

proptest! {
    #[test]
    fn cells_hold_everybody_once_and_as_many_as_can_come(
        goal in 0_u64..6,
        who in [1_u8..8, 1_u8..8, 1_u8..8],
        quotas in prop::collection::vec(([0_u8..8, 0_u8..8, 0_u8..4], 0_u64..4), 1..5),
    ) {
        let quotas: Vec<([u8; 3], u64)> = quotas.into_iter().filter(|(masks, _)| *masks != [0; 3]).collect();
        let named = quotas.iter().enumerate().map(|(at, (masks, wanted))| quota(&at.to_string(), *wanted, criteria(*masks)));
        let found = wanted(PURESPECTRUM, &survey(goal, criteria(who), named.collect()), BOOK);
        let answers = |at: usize| (0_u8..3).filter(move |bit| who[at] & (1 << bit) != 0);
        let everybody: Vec<Person> = answers(0)
            .flat_map(|a| answers(1).flat_map(move |b| answers(2).map(move |c| [a, b, c])))
            .collect();
        let members = |person: Person| -> Vec<usize> {
            (0..quotas.len()).filter(|at| meets(person, quotas[*at].0)).collect()
        };
        let brute = |people: &mut dyn Iterator<Item = Person>| {
            let kinds: BTreeSet<Vec<usize>> = people.map(members).collect();
            let mut open: Vec<u64> = quotas.iter().map(|(_, wanted)| *wanted).collect();
            most(&kinds.into_iter().collect::<Vec<_>>(), &mut open, goal)
        };
        for table in found.layers.iter().chain(&found.crossing) {
            prop_assert_eq!(table.count, Some(table.cells.len() as u64));
            for person in &everybody {
                let home: Vec<&Cell> = table.cells.iter().filter(|cell| is_in(*person, cell)).collect();
                prop_assert_eq!(home.len(), 1, "{:?} in {:?}", person, table);
                let own = members(*person).into_iter().map(|at| at.to_string());
                let own: Vec<String> = own.filter(|own| table.quotas.contains(own)).collect();
                prop_assert_eq!(&home[0].quotas, &own);
            }
            for cell in &table.cells {
                let come = brute(&mut everybody.iter().copied().filter(|person| is_in(*person, cell)));
                let takes = cell.takes.unwrap();
                prop_assert!(takes >= come, "{} come of {:?}", come, cell);
                let finest = found.crossing.as_ref().is_none_or(|crossing| crossing == table);
                prop_assert!(!finest || takes == come, "{} and not {} of {:?}", come, takes, cell);
            }
        }
        let nobody = (0..quotas.len()).filter(|at| !everybody.iter().any(|person| meets(*person, quotas[*at].0)));
        prop_assert_eq!(found.nobody, nobody.map(|at| at.to_string()).collect::<Vec<_>>());
        prop_assert!(found.left.unwrap().completes >= brute(&mut everybody.iter().copied()));
    }
}

#[test]
fn one_layer_bounds_the_cells_of_the_others() {
    let halves = [("men", 20, [1, 0, 0]), ("women", 20, [2, 0, 0])];
    let ages = [("young", 100, [0, 1, 0]), ("old", 10, [0, 2, 0])];
    let quotas = halves.into_iter().chain(ages);
    let quotas = quotas.map(|(name, wanted, masks)| quota(name, wanted, criteria(masks)));
    let found = wanted(
        PURESPECTRUM,
        &survey(400, criteria([3, 3, 0]), quotas.collect()),
        BOOK,
    );
    assert_eq!(found.left.as_ref().unwrap().layer, ["men", "women"]);
    let takes = |table: &Table| {
        table
            .cells
            .iter()
            .map(|cell| cell.takes.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(takes(&found.layers[0]), [20, 20]);
    assert_eq!(takes(&found.layers[1]), [40, 10], "all of them are men or women");
    assert_eq!(takes(&found.crossing.unwrap()), [20, 10, 20, 10]);
    assert!(found.layers[0].caps(found.left.as_ref()) && !found.layers[1].caps(found.left.as_ref()));
}

#[test]
fn what_has_no_list_of_answers_has_the_answers_of_the_quotas_and_something_else() {
    let men = quota("men", 5, criteria([1, 0, 0]));
    let found = wanted(PURESPECTRUM, &survey(9, Vec::new(), vec![men.clone()]), BOOK);
    let cells = &found.layers[0].cells;
    assert_eq!(
        shown(&cells[0].people),
        [[("x1".to_owned(), vec!["0".to_owned()])]]
    );
    assert_eq!(
        shown(&cells[1].people),
        [[("x1".to_owned(), vec!["something else".to_owned()])]]
    );
    assert_eq!((cells[1].quotas.len(), cells[1].takes), (0, Some(9)));
    // Where quotas themselves let in, nobody falls through.
    let found = wanted(CINT, &survey(9, Vec::new(), vec![men]), BOOK);
    assert_eq!(found.layers[0].cells.len(), 1);
    assert_eq!(found.layers[0].cells[0].takes, Some(9), "it is not known to stop");
    assert!(found.doubt.is_some());
}

#[test]
fn what_would_take_forever_to_list_is_only_counted() {
    let mut quotas = Vec::new();
    for question in 0..10 {
        for code in 0..20 {
            let one = Criterion {
                question: format!("x{question}"),
                unit: None,
                answers: Answers::codes([code.to_string()]),
            };
            quotas.push(quota(&format!("{question}-{code}"), 5, vec![one]));
        }
    }
    let who = |question: usize| Criterion {
        question: format!("x{question}"),
        unit: None,
        answers: Answers::codes((0..20).map(|code| code.to_string())),
    };
    let found = wanted(
        PURESPECTRUM,
        &survey(400, (0..10).map(who).collect(), quotas.clone()),
        BOOK,
    );
    let crossing = found.crossing.unwrap();
    assert_eq!((crossing.count, crossing.cells.len()), (Some(20_u64.pow(10)), 0));
    assert!(found.layers.iter().all(|layer| layer.cells.len() == 20));
    assert_eq!(found.left.unwrap().completes, 100);
    // Quotas that cross all questions have too many cells of their own to be listed.
    for quota in &mut quotas {
        quota.criteria = (0..10)
            .map(|question| Criterion {
                question: format!("x{question}"),
                ..quota.criteria[0].clone()
            })
            .collect();
    }
    let crossed = |at: usize, quota: &Quota| {
        let mut criteria = quota.criteria.clone();
        for (question, criterion) in criteria.iter_mut().enumerate() {
            let first = (at + question) % 20;
            criterion.answers = Answers::codes((first..first + 10).map(|code| (code % 20).to_string()));
        }
        Quota {
            criteria,
            ..quota.clone()
        }
    };
    let quotas = quotas.iter().enumerate().map(|(at, quota)| crossed(at, quota));
    let found = wanted(
        PURESPECTRUM,
        &survey(400, (0..10).map(who).collect(), quotas.collect()),
        BOOK,
    );
    assert_eq!((found.layers[0].count, found.layers[0].cells.len()), (None, 0));
}
