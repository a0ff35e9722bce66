using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Tests;

public sealed class MemberCoreTests
{
    private const long Streamer = 7;

    private static readonly Epoch s_epoch = new(3);

    private readonly SentPort _port = new();
    private readonly MemberCore _core;

    public MemberCoreTests()
    {
        _core = new(_port, default, new(CopyCondition.Missing, default));
        Receive(new MirrorMessage.Join(new(default, default, default, 4096)));
        _core.PromiseStored(s_epoch, new(CopyCondition.Missing, default));
        _core.JoinPrepared(DiskOutcome.Done);
        Append(new(1, 0), 4096);
        _core.Written(new(1, 4096), 1, DiskOutcome.Done);
        _port.Sent.Clear();
    }

    [Fact]
    public void What_is_appended_behind_a_sync_is_answered_before_it_has_ended()
    {
        Receive(new MirrorMessage.Sync(new(1, 4096)));
        Append(new(1, 4096), 512);
        _core.Written(new(1, 4608), 1, DiskOutcome.Done);
        Receive(new MirrorMessage.Sync(new(1, 4608)));
        _core.SyncEnded(new(1, 4096), DiskOutcome.Done);
        _core.SyncEnded(new(1, 4608), DiskOutcome.Done);

        Assert.Equal(
            [
                new MirrorMessage.Appended(new(1, 4608)) { Epoch = s_epoch },
                new MirrorMessage.Synced(new(1, 4096)) { Epoch = s_epoch },
                new MirrorMessage.Synced(new(1, 4608)) { Epoch = s_epoch },
            ],
            _port.Sent
        );
    }

    [Fact]
    public void A_copy_whose_disk_is_gone_says_so_to_a_streamer_that_writes_nothing()
    {
        Receive(new MirrorMessage.Ping());
        _core.OutOfReach();
        Receive(new MirrorMessage.Ping());

        Assert.Equal(
            [
                new MirrorMessage.Pong { Epoch = s_epoch },
                new MirrorMessage.Refused(MirrorRefusal.NotWritten) { Epoch = s_epoch },
            ],
            _port.Sent
        );
        Assert.False(_core.IsLost);
    }

    [Fact]
    public void A_sync_that_fails_behind_which_more_was_appended_ends_the_copy()
    {
        Receive(new MirrorMessage.Sync(new(1, 4096)));
        Append(new(1, 4096), 512);
        _core.SyncEnded(new(1, 4096), DiskOutcome.Lost);
        _core.Written(new(1, 4608), 1, DiskOutcome.Lost);
        Append(new(1, 4608), 512);

        Assert.True(_core.IsLost);
        Assert.Equal(
            Enumerable.Repeat(new MirrorMessage.Refused(MirrorRefusal.Lost) { Epoch = s_epoch }, 3),
            _port.Sent
        );
    }

    private void Append(CachePosition at, int bytes) => Receive(new MirrorMessage.Append(at, new byte[bytes]));

    private void Receive(MirrorMessage message) => _core.Receive(Streamer, message with { Epoch = s_epoch });

    /// <summary>Keeps what is sent; the disk's work is ended by the test.</summary>
    private sealed class SentPort : IMemberPort
    {
        public List<MirrorMessage> Sent { get; } = [];

        public void Send(long connection, MirrorMessage message) => Sent.Add(message);

        public void StorePromise(Epoch epoch) { }

        public void Write(CachePosition at, ReadOnlyMemory<byte> bytes) { }

        public void Sync(CachePosition upTo) { }

        public void Seal(CachePosition at) { }

        public void PrepareJoin(CopyIdentity identity) { }

        public void Match(int segment, long lengthBytes, ImmutableArray<byte> sha256) { }

        public void WriteCopy(
            int segment,
            long offset,
            ReadOnlyMemory<byte> bytes,
            long lengthBytes,
            ImmutableArray<byte> sha256
        ) { }

        public void Read(long connection, int segment, long offset) { }
    }
}
