/* The module that is built: pjsua2 with our own classes. Everything that is
 * ours comes in here, so that patches/ holds upstream's defects only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
%module(directors="1") pjsua2

%{
#include "pjsua2.hpp"
#include "ringport.hpp"
#include "callrecorder.hpp"
#include "refer.hpp"
#include "callbrief.hpp"
#include "rawsip.hpp"
%}

%feature("director") pj::ReferModule;
%feature("director") pj::RawSipModule;

%include "pjsua2.i"

%include "pybuffer.i"
%pybuffer_mutable_binary(char *dst, size_t dlen);
%pybuffer_binary(const char *src, size_t slen);

/* These copy a few hundred bytes under a lock that is never held for long.
 * Giving the GIL back around them costs as much again, and twice that when
 * another thread wants it: it may keep it for a whole switch interval. */
%nothread pj::RingPort::read;
%nothread pj::RingPort::write;
%nothread pj::RingPort::rxAvail;
%nothread pj::RingPort::txAvail;
%nothread pj::RingPort::rxFrames;
%nothread pj::RingPort::txFrames;
%nothread pj::RingPort::eventFd;
%nothread pj::CallRecorder::closed;
%nothread pj::CallRecorder::samples;
%nothread pj::CallRecorder::dropped;
%nothread pj::CallRecorder::errorCode;
%nothread pj::CallRecorder::eventFd;

/* A channel lives in its recorder: keep the one while Python has the other. */
%pythonappend pj::CallRecorder::left %{
    val._recorder = self
%}
%pythonappend pj::CallRecorder::right %{
    val._recorder = self
%}

%include "ringport.hpp"
%include "callrecorder.hpp"
%include "refer.hpp"
%include "callbrief.hpp"
%include "rawsip.hpp"
