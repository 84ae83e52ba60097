//! sFlow version 5: samples of packets and of counters, as tagged structures in XDR.
//!
//! Every structure has a tag, an enterprise and a number of its own, and says how long it is: what nobody knows is
//! passed over by its length, and so is what is wrong.

mod counter_structures;
mod datagram;
mod flow_structures;
mod sample;
mod sample_structures;
mod sampled_header;
mod structure;

pub use counter_structures::COUNTER_STRUCTURES;
pub use datagram::{begins_with_sample, datagram_length, read_header};
pub use flow_structures::FLOW_STRUCTURES;
pub use sample::{CounterSample, FlowSample, Head, Interface, Sample, Samples, Source, Tagged, structure_in};
pub use sample_structures::SAMPLE_HEADS;
pub use sampled_header::SampledHeader;
pub use structure::{AsPath, Form, Structure, StructureField, Value, find_structure, read_value};
