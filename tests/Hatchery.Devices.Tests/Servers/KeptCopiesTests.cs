using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices.Tests;

public sealed class KeptCopiesTests
{
    private const int Copies = 2;
    private static readonly LayerId s_image = new(Guid.NewGuid());
    private readonly Dictionary<string, KnownServer> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    public KeptCopiesTests()
    {
        foreach (var name in (string[])["one", "two", "three"])
            _servers[name] = FarmFixture.Server(name, s_image);
    }

    [Fact]
    public void What_lies_where_it_is_to_be_is_left_alone() => Assert.Null(OpenerOf("one", "two"));

    [Fact]
    public void What_lies_at_fewer_servers_than_it_should_is_opened_where_it_is_while_another_can_have_it()
    {
        Assert.Equal("one", OpenerOf("one"));
        _servers["two"] = _servers["two"] with { IsDraining = true };
        Assert.Equal("one", OpenerOf("one"));
        _servers["three"] = _servers["three"] with { Status = _servers["three"].Status with { IsFull = true } };
        Assert.Null(OpenerOf("one"));
    }

    [Fact]
    public void From_a_server_that_drains_it_is_opened_by_one_that_stays_where_there_is_one()
    {
        _servers["one"] = _servers["one"] with { IsDraining = true };
        Assert.Equal("one", OpenerOf("one"));
        Assert.Equal("two", OpenerOf("one", "two"));
        Assert.Equal("three", OpenerOf("one", "two", "three"));
        Assert.Null(OpenerOf("two", "three"));
    }

    [Fact]
    public void Of_two_servers_one_that_drains_keeps_its_copy_once_the_other_has_one()
    {
        _servers.Remove("three");
        _servers["one"] = _servers["one"] with { IsDraining = true };
        Assert.Equal("one", OpenerOf("one"));
        Assert.Null(OpenerOf("one", "two"));
    }

    [Fact]
    public void A_server_that_is_away_is_waited_for_until_it_is_gone()
    {
        _servers["one"] = _servers["one"] with { State = ServerState.Silent };
        Assert.Null(OpenerOf("one", "two"));
        _gone.Add("one");
        Assert.Equal("two", OpenerOf("one", "two"));
        Assert.Null(OpenerOf("one"));
        _servers["one"] = FarmFixture.Server("one", s_image);
        _servers["one"] = _servers["one"] with { Status = _servers["one"].Status with { IsStoreLost = true } };
        Assert.Equal("two", OpenerOf("one", "two"));
        _servers.Remove("one");
        Assert.Equal("two", OpenerOf("one", "two"));
        // Nobody else can have it: then what may come back is better than nothing.
        _servers.Remove("three");
        Assert.Null(OpenerOf("one", "two"));
    }

    [Fact]
    public void While_a_server_is_being_stopped_nothing_is_done()
    {
        var leaving = _servers["one"].Status with { IsLeaving = true };
        _servers["one"] = _servers["one"] with { IsDraining = true, Status = leaving };
        Assert.Null(OpenerOf("one", "two"));
    }

    [Fact]
    public void The_one_that_has_it_open_goes_on_and_one_that_did_not_get_it_open_is_the_last_to_try()
    {
        _servers["three"] = _servers["three"] with { IsDraining = true };
        var row = Row("one", "two", "three") with { Streamer = "two" };
        Assert.Equal("two", OpenerOf(row));
        Assert.Equal("one", OpenerOf(row with { Phase = SessionPhase.Opening }));
        _servers["one"] = FarmFixture.Server("one", new(Guid.NewGuid()));
        Assert.Equal("two", OpenerOf(row with { Phase = SessionPhase.Opening }));
    }

    private static SessionRow Row(params string[] members) =>
        new(
            new(Guid.NewGuid()),
            3,
            new(4),
            SessionPhase.Open,
            default,
            members[0],
            [.. members],
            [s_image, new(Guid.NewGuid())]
        );

    private string? OpenerOf(params string[] members) => OpenerOf(Row(members));

    private string? OpenerOf(SessionRow row) => KeptCopies.OpenerOf(row, Copies, [.. _servers.Values], _gone.Contains);
}
