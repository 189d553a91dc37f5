//! Fields that the method was not made for: other lengths, sizes and hours; every day of the week a world of its own; holidays;
//! interest that fades or grows; irregular mailings; suppliers that send many people at once; quotas that get harder the
//! fuller they are, prices that take a day to be noticed, pauses, and somebody who looks when there is time.

use super::{Dice, Drawn, HOUR};

fn index(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

/// How active each hour of a day is, in thousandths: one or two hills on a low plain.
fn hills(dice: &mut Dice) -> [u64; 24] {
    let plain = dice.between(10, 250);
    let hills: Vec<(u64, u64, u64)> = (0..dice.between(1, 2))
        .map(|_| (dice.between(0, 23), dice.between(2, 6), dice.between(800, 2400)))
        .collect();
    std::array::from_fn(|hour| {
        let hour = u64::try_from(hour).unwrap();
        let height = |(top, wide, high): &(u64, u64, u64)| {
            let away = hour.abs_diff(*top).min(24 - hour.abs_diff(*top));
            high * wide.saturating_sub(away) / wide
        };
        plain + hills.iter().map(height).sum::<u64>()
    })
}

/// How active each hour in field is, in thousandths.
fn hours(dice: &mut Dice, start: i64, days: u64) -> Vec<u64> {
    let day = hills(dice);
    let week: [u64; 7] = std::array::from_fn(|_| dice.between(550, 1450));
    let moods: Vec<u64> = (0..days)
        .map(|_| {
            let mood = dice.between(600, 1500) * dice.between(600, 1500) / 1000;
            // A holiday.
            if dice.one_in(25) { mood / 5 } else { mood }
        })
        .collect();
    // What it is at the start and at the end; between them it goes evenly.
    let (first, last) = (dice.between(600, 1500), dice.between(600, 1500));
    let mailings: Vec<u64> = (0..dice.between(0, 4))
        .map(|_| dice.between(0, days * 24 - 1))
        .collect();
    let whole = days * 24;
    (0..whole)
        .map(|hour| {
            let at = u64::try_from(start / HOUR).unwrap() + hour;
            let trend = (first * (whole - hour) + last * hour) / whole;
            let usual = day[index(at % 24)] * week[index(at / 24 % 7)] / 1000 * moods[index(hour / 24)]
                / 1000
                * trend
                / 1000;
            let mailed: u64 = mailings
                .iter()
                .filter(|from| **from <= hour)
                .map(|from| 2500 >> ((hour - from) / 4).min(20))
                .sum();
            usual + mailed
        })
        .collect()
}

/// Completes of a quota after each hour.
fn quota(dice: &mut Dice, goal: u64, hours: &[u64]) -> Vec<u64> {
    let all = hours.iter().sum::<u64>().max(1);
    let length = u64::try_from(hours.len()).unwrap();
    let supply = dice.between(450, 2000);
    // How much harder the last is to find than the first, in thousandths.
    let harder = dice.of(&[0, 0, 300, 700]);
    // A price that is raised and noticed within a day; a pause.
    let raised = dice
        .one_in(4)
        .then(|| (dice.between(length / 4, length * 4 / 5), dice.between(1200, 3000)));
    let pause = dice
        .one_in(8)
        .then(|| (dice.between(0, length), dice.between(8, 40)));
    // So many come together.
    let party = dice.of(&[1, 1, 2, 4]);
    let (mut counts, mut count) = (vec![0], 0);
    for (hour, weight) in hours.iter().enumerate() {
        let hour = u64::try_from(hour).unwrap();
        let mut expected = goal * supply * 1000 * weight / all;
        expected = expected * (1000 - harder * count / goal) / 1000;
        if let Some((from, times)) = raised
            && hour >= from
        {
            let noticed = (hour - from).min(24);
            expected = expected * (1000 + (times - 1000) * noticed / 24) / 1000;
        }
        if pause.is_some_and(|(from, long)| (from..from + long).contains(&hour)) {
            expected = 0;
        }
        count = goal.min(count + party * dice.come(expected / party));
        counts.push(count);
    }
    counts
}

/// One of these fields.
pub(super) fn draw(dice: &mut Dice) -> Drawn {
    let days = dice.of(&[4, 6, 9, 10, 15, 21, 28]);
    let start = 1_820_000_000 / HOUR * HOUR + i64::try_from(dice.between(0, 500)).unwrap() * HOUR;
    let hours = hours(dice, start, days);
    let goals: Vec<u64> = (0..dice.between(1, 6))
        .map(|_| dice.of(&[15, 40, 90, 200, 450]) * dice.between(70, 130) / 100)
        .collect();
    let counts = goals.iter().map(|goal| quota(dice, *goal, &hours)).collect();
    let hour = hours.len() * index(dice.between(15, 90)) / 100;
    let apart = dice.of(&[2, 6, 12, 30, 60]);
    let mut looks = super::every(dice, apart, hour);
    looks.retain(|_| !dice.one_in(3));
    Drawn {
        start,
        goals,
        counts,
        looks,
        hour,
    }
}
