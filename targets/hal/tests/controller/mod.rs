//! A USB controller in memory, and the host at the other end of the cable.

use std::sync::{Arc, Mutex};

use usb_device::bus::{PollResult, UsbBus};
use usb_device::endpoint::{EndpointAddress, EndpointType};
use usb_device::{Result, UsbDirection, UsbError};

/// The number of endpoints in each direction.
const ENDPOINTS: usize = 8;

#[derive(Debug, Default)]
struct State {
    /// The endpoints that are taken, and the bulk ones.
    taken: [[bool; ENDPOINTS]; 2],
    bulk: [usize; 2],
    reset: bool,
    setup: Option<Vec<u8>>,
    /// One packet in each endpoint: from the host, and to the host.
    out: [Option<Vec<u8>>; ENDPOINTS],
    into: [Option<Vec<u8>>; ENDPOINTS],
    complete: u16,
    address: u8,
}

/// The controller of the device.
#[derive(Debug)]
pub struct Controller(Arc<Mutex<State>>);

/// The host.
#[derive(Debug)]
pub struct Host(Arc<Mutex<State>>);

impl Controller {
    pub fn new() -> (Self, Host) {
        let state = Arc::new(Mutex::new(State::default()));
        (Self(Arc::clone(&state)), Host(state))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl UsbBus for Controller {
    fn alloc_ep(
        &mut self,
        direction: UsbDirection,
        address: Option<EndpointAddress>,
        kind: EndpointType,
        _: u16,
        _: u8,
    ) -> Result<EndpointAddress> {
        let mut state = self.lock();
        let side = usize::from(direction == UsbDirection::In);
        let free = (1..ENDPOINTS).find(|index| !state.taken[side][*index]).ok_or(UsbError::EndpointOverflow)?;
        let index = address.map_or(free, |address| address.index());
        state.taken[side][index] = true;
        if kind == EndpointType::Bulk {
            state.bulk[side] = index;
        }
        Ok(EndpointAddress::from_parts(index, direction))
    }

    fn enable(&mut self) {}

    fn reset(&self) {
        let mut state = self.lock();
        (state.out, state.into, state.complete, state.address) = Default::default();
    }

    fn set_device_address(&self, address: u8) {
        self.lock().address = address;
    }

    fn write(&self, endpoint: EndpointAddress, packet: &[u8]) -> Result<usize> {
        if packet.len() > 64 {
            return Err(UsbError::BufferOverflow);
        }
        let slot = &mut self.lock().into[endpoint.index()];
        if slot.is_some() {
            return Err(UsbError::WouldBlock);
        }
        *slot = Some(packet.to_vec());
        Ok(packet.len())
    }

    fn read(&self, endpoint: EndpointAddress, into: &mut [u8]) -> Result<usize> {
        let mut state = self.lock();
        let setup = if endpoint.index() == 0 { state.setup.take() } else { None };
        let packet = setup.or_else(|| state.out[endpoint.index()].take()).ok_or(UsbError::WouldBlock)?;
        into.get_mut(..packet.len()).ok_or(UsbError::BufferOverflow)?.copy_from_slice(&packet);
        Ok(packet.len())
    }

    fn set_stalled(&self, _: EndpointAddress, _: bool) {}

    fn is_stalled(&self, _: EndpointAddress) -> bool {
        false
    }

    fn suspend(&self) {}

    fn resume(&self) {}

    fn poll(&self) -> PollResult {
        let mut state = self.lock();
        if std::mem::take(&mut state.reset) {
            return PollResult::Reset;
        }
        let ep_out =
            (0..ENDPOINTS).filter(|index| state.out[*index].is_some()).fold(0, |bits, index| bits | 1 << index);
        let ep_in_complete = std::mem::take(&mut state.complete);
        let ep_setup = u16::from(state.setup.is_some());
        if ep_out | ep_in_complete | ep_setup == 0 {
            return PollResult::None;
        }
        PollResult::Data { ep_out, ep_in_complete, ep_setup }
    }
}

impl Host {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Resets the device, gives it an address, configures it, and opens the port. `poll` lets the device work.
    pub fn configure(&mut self, mut poll: impl FnMut()) {
        self.lock().reset = true;
        poll();
        const SET_ADDRESS: [u8; 8] = [0x00, 5, 9, 0, 0, 0, 0, 0];
        const SET_CONFIGURATION: [u8; 8] = [0x00, 9, 1, 0, 0, 0, 0, 0];
        const PORT_IS_OPEN: [u8; 8] = [0x21, 0x22, 3, 0, 0, 0, 0, 0];
        for request in [SET_ADDRESS, SET_CONFIGURATION, PORT_IS_OPEN] {
            self.lock().setup = Some(request.to_vec());
            poll();
            // The device confirms by an empty packet.
            assert_eq!(self.take(0), Some(Vec::new()), "{request:?}");
            poll();
        }
        assert_eq!(self.lock().address, 9);
    }

    /// Takes the packet that the device has for the host.
    fn take(&mut self, endpoint: usize) -> Option<Vec<u8>> {
        let mut state = self.lock();
        let packet = state.into[endpoint].take();
        if packet.is_some() {
            state.complete |= 1 << endpoint;
        }
        packet
    }

    /// Reads from the port: a packet, or nothing.
    pub fn read(&mut self) -> Vec<u8> {
        let endpoint = self.lock().bulk[1];
        self.take(endpoint).unwrap_or_default()
    }

    /// Writes a packet to the port; returns `false` while the device has not read the one before.
    pub fn write(&mut self, packet: &[u8]) -> bool {
        let mut state = self.lock();
        let endpoint = state.bulk[0];
        let slot = &mut state.out[endpoint];
        let free = slot.is_none();
        if free {
            *slot = Some(packet.to_vec());
        }
        free
    }
}
