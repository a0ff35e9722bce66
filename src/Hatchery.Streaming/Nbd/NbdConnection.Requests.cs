using Hatchery.Disks;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Nbd;

internal sealed partial class NbdConnection
{
    private const NbdCommandFlags KnownFlags =
        NbdCommandFlags.ForceUnitAccess | NbdCommandFlags.NoHole | NbdCommandFlags.DontFragment;

    private readonly Stack<Request> _spareRequests = new();
    private readonly GatheredWrites _gathered = new();

    private Microsoft.Extensions.Logging.ILogger Logger => surroundings.Logger;

    private System.Net.IPEndPoint Remote => surroundings.Remote;

    private void ServeRequest(Segment frame)
    {
        if (!NbdRequest.TryRead(frame.Span, out var request))
        {
            Malformed("no request where one is due");
            return;
        }
        if (request.Command == NbdCommand.Disconnect)
        {
            Drain();
            return;
        }
        if (request is { Command: NbdCommand.Write, LengthBytes: > NbdProtocol.MaxPayloadBytes })
        {
            Malformed("a write of more than 32 MiB");
            return;
        }
        if (Refusal(request) is not NbdError.None and var error)
        {
            Write(new NbdSimpleReply(error, request.Cookie));
            return;
        }
        Execute(request, frame);
    }

    private NbdError Refusal(in NbdRequest request)
    {
        var disk = _session!.Disk;
        var length = (ulong)disk.LengthBytes;
        var block = (ulong)disk.BlockSizeBytes;
        if ((request.Flags & ~KnownFlags) != NbdCommandFlags.None)
            return NbdError.Invalid;
        if (request.Command == NbdCommand.Flush)
            return NbdError.None;
        if (request.Command is not (NbdCommand.Read or NbdCommand.Write or NbdCommand.Trim or NbdCommand.WriteZeroes))
            return NbdError.Invalid;
        if (request.Command != NbdCommand.Read && disk.IsReadOnly)
            return NbdError.NotPermitted;
        if (request.Offset > length || request.LengthBytes > length - request.Offset)
            return request.Command == NbdCommand.Write ? NbdError.NoSpace : NbdError.Invalid;
        if (request.Offset % block != 0 || request.LengthBytes % block != 0)
            return NbdError.Invalid;
        return request is { Command: NbdCommand.Read, LengthBytes: > NbdProtocol.MaxPayloadBytes }
            ? NbdError.Overflow
            : NbdError.None;
    }

    private void Execute(in NbdRequest request, Segment frame)
    {
        var disk = _session!.Disk;
        var offset = (long)request.Offset;
        var fua = request.Flags.HasFlag(NbdCommandFlags.ForceUnitAccess);
        var isRead = request.Command == NbdCommand.Read;
        var reply = Output.Reserve(NbdSimpleReply.SizeBytes + (isRead ? (int)request.LengthBytes : 0));
        if (request.Command == NbdCommand.Write && HasMore)
            _gathered.Begin(disk);
        ValueTask<DiskStatus> answer;
        try
        {
            answer = request.Command switch
            {
                NbdCommand.Read => disk.ReadAsync(offset, reply.Memory[NbdSimpleReply.SizeBytes..]),
                NbdCommand.Write => disk.WriteAsync(offset, frame.Memory[NbdRequest.SizeBytes..], fua),
                NbdCommand.Flush => disk.FlushAsync(),
                _ => disk.ZeroAsync(offset, request.LengthBytes, fua),
            };
        }
        // A store's exception is this request's failure, not the connection's.
        catch (Exception failure)
        {
            answer = ValueTask.FromException<DiskStatus>(failure);
        }
        if (DiskAnswer.TryTake(answer, out var status))
        {
            Answer(request.Cookie, reply, status);
            return;
        }
        if (!_spareRequests.TryPop(out var pending))
            pending = new(this);
        pending.Begin(request, frame, reply);
        _gathered.Watch(pending, answer);
    }

    protected override void OnServed() => _gathered.End();

    /// <summary>Takes the reply's hold over.</summary>
    private void Answer(ulong cookie, Segment reply, DiskStatus status)
    {
        if (IsOver(status))
        {
            reply.Release();
            Log.Fenced(Logger, Remote);
            Abort();
            return;
        }
        if (State == EngineState.Aborted)
        {
            reply.Release();
            return;
        }
        new NbdSimpleReply(NbdErrors.Of(status), cookie).Write(reply.Span);
        Output.Enqueue(status == DiskStatus.Ok ? reply : reply with { Length = NbdSimpleReply.SizeBytes });
    }

    /// <summary>Another server has the device, or is to have it: a reply would be for a disk that is not the device's any more.</summary>
    private bool IsOver(DiskStatus status) =>
        status == DiskStatus.Fenced || (status == DiskStatus.IoError && _session!.GoesOnElsewhere);

    private sealed class Request(NbdConnection connection) : PendingWork<DiskStatus>(connection)
    {
        private ulong _cookie;
        private int _bytes;
        private Segment? _frame;
        private Segment _reply;

        public void Begin(in NbdRequest request, Segment frame, Segment reply)
        {
            _cookie = request.Cookie;
            _reply = reply;
            _bytes = reply.Length;
            if (request.Command == NbdCommand.Write)
            {
                frame.Buffer.Retain();
                _frame = frame;
                _bytes += frame.Length;
            }
            connection.ExecutingRequests++;
            connection.ExecutingBytes += _bytes;
        }

        protected override DiskStatus OnFailure(Exception failure)
        {
            Log.DiskFailed(connection.Logger, connection.Remote, failure);
            return DiskStatus.IoError;
        }

        protected override void OnEnded(DiskStatus result)
        {
            connection.ExecutingRequests--;
            connection.ExecutingBytes -= _bytes;
            _frame?.Release();
            _frame = null;
            connection.Answer(_cookie, _reply, result);
            connection._spareRequests.Push(this);
        }
    }
}
