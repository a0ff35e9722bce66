using System.Collections.Concurrent;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

/// <summary>A device comes to a server that has a copy of its write cache, and its keeper does not answer.</summary>
public sealed class SilentKeeperTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(IActorRef Keepers, object Message, IActorRef Asker)> _lost = new();
    private bool _isShardLost;
    private SessionRig _rig = null!;
    private SessionGrant _grant = null!;

    public async Task InitializeAsync()
    {
        _rig = await SessionRig.StartAsync(
            system =>
                system.ActorOf(
                    Props.Create(() => new Post(_lost, () => _isShardLost, () => _rig.Fixture.Farm.Devices))
                ),
            keeperPatience: TimeSpan.FromSeconds(1)
        );
        _rig.Fixture.Know(SessionRig.Server, SessionRig.Other);
        _grant = (SessionGrant)
            await _rig.Fixture.AskAsync(new OpenSession(_rig.Device, _rig.Nonce(), SessionRig.Other));
        await _rig.Fixture.AskAsync(new ConfirmSession(_rig.Device, _grant.Epoch, SessionRig.Other));
        await _rig.Fixture.AskAsync(new AddMember(_rig.Device, _grant.Epoch, _grant.Revision + 1, SessionRig.Server));
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Device_goes_on_by_the_row_and_its_keeper_hears_of_it_and_is_too_late_with_what_it_was_asked()
    {
        await using var session = await _rig.OpenAsync(_grant.Boot);
        Assert.Equal(_grant.Epoch.Next(), session.Epoch);
        Assert.Equal(_grant.Cache, _rig.Disks.Opened.Single().Grant.Cache);

        await Eventually.TrueAsync(() => _rig.State.Boot!.Epoch == session.Epoch);
        Assert.Equal(SessionRig.Server, _rig.State.Boot!.Server);
        Assert.True(_lost.TryDequeue(out var late));
        Assert.IsType<Reply.Refused>(await late.Keepers.Ask<Reply>(late.Message));
        Assert.Equal(session.Epoch, (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!.Epoch);
        Assert.False(session.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Keeper_that_was_at_the_streamers_server_is_not_asked_at_all()
    {
        _rig.KeeperAt = SessionRig.Other;
        await using var session = await _rig.OpenAsync(_grant.Boot);
        Assert.Equal(_grant.Epoch.Next(), session.Epoch);
        Assert.Empty(_lost);
    }

    [Fact]
    public async Task Keeper_that_was_here_is_waited_for_while_its_shard_answers_here()
    {
        _rig.KeeperAt = SessionRig.Server;
        var login = _rig.LoginAsync(_grant.Boot);
        // It is asked again after its patience, and the row is as it was.
        await Eventually.TrueAsync(() => _lost.Count > 1);
        Assert.Equal(_grant.Epoch, (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!.Epoch);
        while (_lost.TryDequeue(out var asked))
            asked.Keepers.Tell(asked.Message, asked.Asker);
        Assert.IsType<LoginOutcome.Granted>(await login);
    }

    [Fact]
    public async Task Keeper_that_was_here_and_whose_shard_has_moved_where_nobody_says_is_done_without()
    {
        (_rig.KeeperAt, _isShardLost) = (SessionRig.Server, true);
        await using var session = await _rig.OpenAsync(_grant.Boot);
        Assert.Equal(_grant.Epoch.Next(), session.Epoch);
    }

    [Fact]
    public async Task Boot_that_begins_waits_for_its_keeper()
    {
        _rig.KeeperAt = SessionRig.Other;
        _rig.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        var boot = _rig.LoginAsync(_rig.Nonce());
        await Eventually.TrueAsync(() => !_lost.IsEmpty);
        Assert.Equal(_grant.Epoch, (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!.Epoch);
        Assert.True(_lost.TryDequeue(out var asked));
        asked.Keepers.Tell(asked.Message, asked.Asker);
        Assert.IsType<LoginOutcome.Granted>(await boot);
    }

    /// <summary>Loses every question for a session, where it is to also those for a shard, and delivers everything else.</summary>
    private sealed class Post : ReceiveActor
    {
        public Post(
            ConcurrentQueue<(IActorRef, object, IActorRef)> lost,
            Func<bool> isShardLost,
            Func<IActorRef> keepers
        )
        {
            Receive<OpenSession>(open => lost.Enqueue((keepers(), open, Sender)));
            Receive<FindShard>(_ => { }, _ => isShardLost());
            ReceiveAny(message => keepers().Forward(message));
        }
    }
}
