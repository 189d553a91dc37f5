//! InnovateMR: documented examples, rules, and what must hold in both of the styles that the vendor may have.

mod contract;
mod converge;
mod interrupted;
mod rules;
mod support;
