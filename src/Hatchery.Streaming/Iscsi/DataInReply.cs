using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>
/// Room for the data of a read and for the PDUs it leaves in. One PDU lies in one piece; where there are several, the data stays in one
/// piece for the disk and the headers stand apart, to be gathered when they are sent.
/// </summary>
internal readonly struct DataInReply
{
    private readonly Segment _room;
    private readonly int _dataOffset;
    private readonly int _trailers;
    private readonly int _pdus;

    /// <param name="readBytes">What the disk will read, at least what is sent.</param>
    /// <param name="sendBytes">What goes to the initiator, more than nothing.</param>
    public DataInReply(OutputQueue output, int readBytes, int sendBytes, SessionParameters parameters)
    {
        _pdus = Count(sendBytes, parameters);
        var header = HeaderLength(parameters);
        _dataOffset = header * _pdus;
        _trailers = _dataOffset + readBytes;
        SendBytes = sendBytes;
        Data = default;
        _room = output.Reserve(_trailers + (TrailerLength * _pdus));
        Data = _room.Memory.Slice(_dataOffset, readBytes);
    }

    /// <summary>Padding and digest at their longest.</summary>
    private static int TrailerLength => 3 + PduLayout.DigestBytes;

    public int SendBytes { get; }

    public Memory<byte> Data { get; }

    public Segment Room => _room;

    /// <summary>Writes each PDU's surroundings and hands all of it to the output, in order.</summary>
    /// <param name="write">Writes a header for the stretch at an offset, of a length; the last one carries the status.</param>
    public void Send<TState>(
        OutputQueue output,
        SessionParameters parameters,
        TState state,
        Func<TState, DataInStretch, DataIn> write
    )
    {
        var headerLength = HeaderLength(parameters);
        var bytes = _room.Span;
        var at = 0;
        for (var i = 0; i < _pdus; i++)
        {
            var length = NextLength(at, SendBytes, parameters);
            var last = at + length == SendBytes;
            var endsBurst = last || (at + length) % parameters.MaxBurst == 0;
            var header = bytes.Slice(i * headerLength, headerLength);
            write(state, new(i, at, length, endsBurst, last)).Write(header);
            if (parameters.HeaderDigest)
                IscsiDigest.Write(IscsiDigest.Compute(header[..PduHeader.SizeBytes]), header[PduHeader.SizeBytes..]);
            var padding = PduLayout.Padded(length) - length;
            // Behind a single PDU's data the trailer touches it even where more was read than is sent.
            var trailerAt = _pdus == 1 ? _dataOffset + length : _trailers + (i * TrailerLength);
            var data = bytes.Slice(_dataOffset + at, length);
            var trailer = bytes.Slice(trailerAt, padding + (parameters.DataDigest ? PduLayout.DigestBytes : 0));
            trailer[..padding].Clear();
            if (parameters.DataDigest)
                IscsiDigest.Write(IscsiDigest.Compute(data, trailer[..padding]), trailer[padding..]);
            Enqueue(output, i * headerLength, headerLength);
            Enqueue(output, _dataOffset + at, length);
            Enqueue(output, trailerAt, trailer.Length);
            at += length;
        }
        _room.Release();
    }

    private void Enqueue(OutputQueue output, int offset, int length)
    {
        if (length == 0)
            return;
        _room.Buffer.Retain();
        output.Enqueue(new(_room.Buffer, _room.Offset + offset, length));
    }

    private static int HeaderLength(SessionParameters parameters) =>
        PduHeader.SizeBytes + (parameters.HeaderDigest ? PduLayout.DigestBytes : 0);

    /// <summary>A PDU is as long as the initiator takes, and ends where its burst ends.</summary>
    private static int NextLength(int at, int total, SessionParameters parameters) =>
        Math.Min(
            Math.Min(parameters.InitiatorMaxDataSegment, parameters.MaxBurst - (at % parameters.MaxBurst)),
            total - at
        );

    private static int Count(int total, SessionParameters parameters)
    {
        var count = 0;
        for (var at = 0; at < total; count++)
            at += NextLength(at, total, parameters);
        return count;
    }
}

/// <param name="Number">DataSN.</param>
internal readonly record struct DataInStretch(int Number, int Offset, int Length, bool EndsBurst, bool IsLast);
