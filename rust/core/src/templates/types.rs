//! How options records tell the names and types of elements (RFC 5610).

use super::{FieldSpecifier, Records, ToldElements, unsigned};
use crate::schema::ElementType;

const INFORMATION_ELEMENT_ID: u16 = 303;
const INFORMATION_ELEMENT_DATA_TYPE: u16 = 339;
const INFORMATION_ELEMENT_NAME: u16 = 341;
const PRIVATE_ENTERPRISE_NUMBER: u16 = 346;

/// The places of what is said, in the template.
#[derive(Clone, Copy, Debug)]
pub struct TypeFields {
    enterprise: usize,
    id: usize,
    data_type: usize,
    name: usize,
}

impl TypeFields {
    /// Find them among the fields of a template; `None` where its records tell of no element.
    pub fn of(fields: &[FieldSpecifier]) -> Option<Self> {
        let find = |id| fields.iter().position(|field| field.enterprise == 0 && field.id == id);
        Some(Self {
            name: find(INFORMATION_ELEMENT_NAME)?,
            data_type: find(INFORMATION_ELEMENT_DATA_TYPE)?,
            id: find(INFORMATION_ELEMENT_ID)?,
            enterprise: find(PRIVATE_ENTERPRISE_NUMBER)?,
        })
    }

    /// Learn the element that a record tells of.
    pub fn learn(&self, told: &mut ToldElements, records: &Records<'_>, record: usize) {
        let number = |index| unsigned(records.value(record, index));
        let id = number(self.id).and_then(|id| u16::try_from(id).ok());
        let enterprise = number(self.enterprise).and_then(|enterprise| u32::try_from(enterprise).ok());
        let element_type = number(self.data_type).and_then(ElementType::from_number);
        if let (Some(enterprise), Some(id), Some(element_type)) = (enterprise, id, element_type) {
            // Some tell the id as a template would.
            let id = id & !FieldSpecifier::ENTERPRISE_BIT;
            told.learn(enterprise, id, records.value(record, self.name), element_type);
        }
    }
}
