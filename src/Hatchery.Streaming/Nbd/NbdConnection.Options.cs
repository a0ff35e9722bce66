using System.Buffers.Binary;
using System.Text;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Nbd;

internal sealed partial class NbdConnection
{
    private const int PreferredBlockBytes = 4096;

    private void ServeOption(ReadOnlySpan<byte> bytes)
    {
        if (!NbdOptionHeader.TryRead(bytes, out var header) || header.LengthBytes > NbdProtocol.MaxOptionBytes)
        {
            Malformed("no option where one is due");
            return;
        }
        var body = bytes[NbdOptionHeader.SizeBytes..];
        switch (header.Option)
        {
            case NbdOption.ExportName:
                LogIn(header.Option, new(Encoding.UTF8.GetString(body), []));
                break;
            case NbdOption.Abort:
                Reply(header.Option, NbdOptionReplyType.Ack);
                Drain();
                break;
            case NbdOption.List when body.IsEmpty:
                foreach (var name in surroundings.Gate.Targets(StreamProtocol.Nbd, surroundings.Remote.Address))
                    ReplyServer(name);
                Reply(header.Option, NbdOptionReplyType.Ack);
                break;
            case NbdOption.List:
                Reply(header.Option, NbdOptionReplyType.Invalid, "LIST carries nothing");
                break;
            case NbdOption.Info or NbdOption.Go when NbdInfoRequest.TryRead(body, out var request):
                LogIn(header.Option, request);
                break;
            case NbdOption.Info or NbdOption.Go:
                Reply(header.Option, NbdOptionReplyType.Invalid, "malformed request");
                break;
            default:
                Reply(header.Option, NbdOptionReplyType.Unsupported);
                break;
        }
    }

    private void LogIn(NbdOption option, NbdInfoRequest request)
    {
        IsHeld = true;
        var login = new LoginRequest(
            StreamProtocol.Nbd,
            request.ExportName,
            InitiatorName: null,
            surroundings.Remote,
            surroundings.Local
        );
        new Login(this, option, request).Watch(surroundings.Gate.LoginAsync(login, _closing.Token));
    }

    private void Answered(NbdOption option, NbdInfoRequest request, LoginOutcome outcome)
    {
        IsHeld = false;
        switch (outcome)
        {
            case LoginOutcome.Granted granted when State != EngineState.Open:
                _session ??= granted.Session;
                break;
            case LoginOutcome.Granted granted:
                Grant(option, request, granted.Session);
                break;
            case LoginOutcome.Redirected redirected:
                Refuse(option, NbdOptionReplyType.ShuttingDown, $"streamed by {redirected.Portal}");
                break;
            case LoginOutcome.Refused refused:
                Log.LoginRefused(surroundings.Logger, surroundings.Remote, request.ExportName, refused.Reason);
                Refuse(option, NbdErrors.Of(refused.Refusal), refused.Reason);
                break;
        }
    }

    private void Grant(NbdOption option, NbdInfoRequest request, ISession session)
    {
        var disk = session.Disk;
        var flags = Flags(disk.IsReadOnly);
        if (option == NbdOption.ExportName)
        {
            Write(new NbdExportNameReply((ulong)disk.LengthBytes, flags));
            if (!_noZeroes)
                WriteZeroes(NbdExportNameReply.TrailingZeroes);
        }
        else
        {
            ReplyInfo(option, new NbdInfoExport((ulong)disk.LengthBytes, flags));
            ReplyInfo(
                option,
                new NbdInfoBlockSize((uint)disk.BlockSizeBytes, PreferredBlockBytes, NbdProtocol.MaxPayloadBytes)
            );
            if (request.Wanted.Contains(NbdInfoType.Name))
                Reply(
                    option,
                    NbdOptionReplyType.Info,
                    [0, (byte)NbdInfoType.Name, .. Encoding.UTF8.GetBytes(request.ExportName)]
                );
            Reply(option, NbdOptionReplyType.Ack);
        }
        if (option == NbdOption.Info)
        {
            _ = ReturnAsync(session);
            return;
        }
        _session = session;
        _sessionEnded = session.Ended.UnsafeRegister(static self => ((NbdConnection)self!).RequestEnd(), this);
        _phase = Phase.Transmission;
        LoggedIn?.Invoke();
        Log.Connected(surroundings.Logger, session.Device, session.Epoch, surroundings.Remote);
    }

    /// <summary>INFO asks what GO would get; its share of the session goes back at once.</summary>
    private static async Task ReturnAsync(ISession session) => await session.DisposeAsync();

    /// <summary>EXPORT_NAME has no error reply: the protocol wants the connection closed.</summary>
    private void Refuse(NbdOption option, NbdOptionReplyType type, string reason)
    {
        if (State != EngineState.Open)
            return;
        if (option == NbdOption.ExportName)
            Abort();
        else
            Reply(option, type, reason);
    }

    private static NbdTransmissionFlags Flags(bool readOnly)
    {
        const NbdTransmissionFlags Always =
            NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.CanMultiConnect | NbdTransmissionFlags.SendFlush;
        const NbdTransmissionFlags Writable =
            NbdTransmissionFlags.SendFua | NbdTransmissionFlags.SendTrim | NbdTransmissionFlags.SendWriteZeroes;
        return Always | (readOnly ? NbdTransmissionFlags.ReadOnly : Writable);
    }

    private void ReplyServer(string name)
    {
        var bytes = new byte[4 + Encoding.UTF8.GetByteCount(name)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(bytes.Length - 4));
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(4));
        Reply(NbdOption.List, NbdOptionReplyType.Server, bytes);
    }

    private void ReplyInfo<T>(NbdOption option, T information)
        where T : struct, Wire.IFixedWire<T>
    {
        Span<byte> bytes = stackalloc byte[T.SizeBytes];
        information.Write(bytes);
        Reply(option, NbdOptionReplyType.Info, bytes);
    }

    private void Reply(NbdOption option, NbdOptionReplyType type, string reason) =>
        Reply(option, type, Encoding.UTF8.GetBytes(reason));

    private void Reply(NbdOption option, NbdOptionReplyType type, ReadOnlySpan<byte> body = default)
    {
        var reply = Output.Reserve(NbdOptionReplyHeader.SizeBytes + body.Length);
        new NbdOptionReplyHeader(option, type, (uint)body.Length).Write(reply.Span);
        body.CopyTo(reply.Span[NbdOptionReplyHeader.SizeBytes..]);
        Output.Enqueue(reply);
    }

    private void WriteZeroes(int bytes)
    {
        var zeroes = Output.Reserve(bytes);
        zeroes.Span.Clear();
        Output.Enqueue(zeroes);
    }

    private sealed class Login(NbdConnection connection, NbdOption option, NbdInfoRequest request)
        : PendingWork<LoginOutcome>(connection)
    {
        protected override LoginOutcome OnFailure(Exception failure)
        {
            if (failure is not OperationCanceledException)
                Log.GateFailed(connection.Logger, connection.Remote, failure);
            return new LoginOutcome.Refused(LoginRefusal.Unavailable, "the gate failed");
        }

        protected override void OnEnded(LoginOutcome result) => connection.Answered(option, request, result);
    }
}
