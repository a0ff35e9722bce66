using System.Threading.Channels;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Drives one opening: its own copy is asked through <see cref="MemberCopies"/>, the others over the network, all on one queue.</summary>
internal sealed class OpeningHost : IOpeningPort, ITicked, IMirrorPeer
{
    private readonly Mirrors _mirrors;
    private readonly SessionRow _row;
    private readonly ISessionDirectory _directory;
    private readonly OpeningCore _core;
    private readonly Channel<Action> _events = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private OpeningOutcome? _outcome;

    public OpeningHost(Mirrors mirrors, SessionRow row, ISessionDirectory directory, bool isNewBoot)
    {
        (_mirrors, _row, _directory) = (mirrors, row, directory);
        _core = new(
            mirrors.Self,
            row,
            mirrors.Settings,
            this,
            mirrors.Now,
            isNewBoot,
            mirrors.Copies.Unheard(mirrors.Settings.MemberTimeout)
        );
    }

    public long Connection { get; } = MirrorLink.NextId();

    string IMirrorPeer.Server => _mirrors.Self;

    long IMirrorPeer.HeardAt => _mirrors.Time.GetTimestamp();

    public async Task<OpeningOutcome> RunAsync(CancellationToken cancellation)
    {
        Post(_core.Start);
        try
        {
            while (_outcome is null)
                (await _events.Reader.ReadAsync(cancellation))();
            return _outcome;
        }
        finally
        {
            _events.Writer.Complete();
            foreach (var member in _members.Values)
                _mirrors.Dialer.Disconnect(member.Server, _row.Cache, member);
            _mirrors.Copies.Disconnected(this);
        }
    }

    public void Tick() => Post(() => _core.Tick(_mirrors.Now));

    public void Send(string server, MirrorMessage message)
    {
        if (string.Equals(server, _mirrors.Self, StringComparison.Ordinal))
        {
            _mirrors.Copies.Received(this, _row.Cache, message);
            return;
        }
        if (!_members.TryGetValue(server, out var member))
        {
            _members.Add(server, member = new(this, server));
            _mirrors.Dialer.Connect(server, _row.Cache, member);
        }
        if (member.IsConnected)
            _mirrors.Dialer.Send(server, _row.Cache, member, message);
        else
            member.Waiting.Add(message);
    }

    /// <summary>The own copy answers.</summary>
    void IMirrorPeer.Send(LayerId cache, MirrorMessage message) =>
        Post(() => _core.Received(_mirrors.Self, message, _mirrors.Now));

    void IMirrorPeer.Release(ReadOnlyMemory<byte> bytes)
    {
        // The own copy is sent none.
    }

    public void WriteSegment(Epoch epoch, int segment, long offset, ReadOnlyMemory<byte> bytes, long lengthBytes) =>
        _mirrors.Copies.Replace(
            _row.Cache,
            epoch,
            segment,
            offset,
            bytes,
            lengthBytes,
            (next, outcome) =>
                Post(() => _core.SegmentWritten(segment, next, lengthBytes, outcome == DiskOutcome.Done, _mirrors.Now))
        );

    public void Swap(SessionRow row) => Ask(() => _directory.SwapAsync(row));

    public void ReadRow() => Ask(() => _directory.ReadAsync(_row.Device));

    public void Opened(SessionRow row, CachePosition seal) => _outcome = new OpeningOutcome.Opened(row, seal);

    public void NotOpened(OpeningFailure failure, string reason, string? server) =>
        _outcome = new OpeningOutcome.NotOpened(failure, reason, server);

    private void Ask(Func<Task<RowAnswer>> ask) =>
        _ = Task.Run(async () =>
        {
            var answer = await ask();
            Post(() => _core.RowAnswered(answer, _mirrors.Now));
        });

    private void Post(Action step) => _events.Writer.TryWrite(step);

    /// <summary>Another server, in one opening.</summary>
    private sealed class Member(OpeningHost opening, string server) : IMemberEvents
    {
        public string Server => server;

        public bool IsConnected { get; private set; }

        public List<MirrorMessage> Waiting { get; } = [];

        void IMemberEvents.Connected(string name) =>
            opening.Post(() =>
            {
                IsConnected = true;
                foreach (var message in Waiting)
                    opening.Send(server, message);
                Waiting.Clear();
            });

        void IMemberEvents.Disconnected(string name, string reason) =>
            opening.Post(() => opening._core.Unreachable(server, opening._mirrors.Now));

        void IMemberEvents.Received(string name, MirrorMessage message) =>
            opening.Post(() => opening._core.Received(server, message, opening._mirrors.Now));
    }
}
