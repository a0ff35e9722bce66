using Akka.Actor;
using Akka.Cluster;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Cluster;

internal sealed class ClusterCommandHandler : CommandHandlerActor
{
    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(20);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    public ClusterCommandHandler(CommandPalette palette)
        : base(palette)
    {
        Process("show", _ => Say(string.Join('\n', Lines())));
        Process("status", _ => Say(MemberLine.Of(_cluster.SelfMember, _cluster.State)));
        Process("leader", _ => Leader());
        Process("join", (_, a) => Join(a));
        Process("leave", (_, a) => Leave(a));
        Process("down", (_, a) => Down(a));
        Process("down-unreachable", _ => DownUnreachable());
        Process("tail", _ => Tail());
    }

    private IEnumerable<string> Lines()
    {
        var state = _cluster.State;
        return state.Members.Select(m => MemberLine.Of(m, state)).Append($"Count: {state.Members.Count} nodes");
    }

    private void Leader()
    {
        if (_cluster.State.Leader is { } leader)
            Say(leader.ToString());
        else
            Refuse("there is no leader: this node is in no cluster, or too few of its members can be reached");
    }

    private void Join(CommandArguments a)
    {
        if (!TryAddress(a, out var address))
            return;
        if (_cluster.IsUp)
        {
            Refuse($"{_cluster.SelfAddress} is a member of a cluster already");
            return;
        }
        _ = JoinAsync(_cluster, address).PipeTo(Sender);
    }

    private static async Task<CommandResponse> JoinAsync(Akka.Cluster.Cluster cluster, Address address)
    {
        using var limit = new CancellationTokenSource(s_joinLimit);
        try
        {
            await cluster.JoinAsync(address, limit.Token);
            return new CommandResponse($"{cluster.SelfAddress} has joined {address}");
        }
        catch (Exception late)
        {
            return new ErroredCommandResponse(
                $"{cluster.SelfAddress} is not up within {s_joinLimit.TotalSeconds:0} s of joining {address}: {late.Message}"
            );
        }
    }

    private void Leave(CommandArguments a)
    {
        if (!a.ArgumentValues("address").Any())
        {
            _cluster.Leave(_cluster.SelfAddress);
            Say($"{_cluster.SelfAddress} leaves");
        }
        else if (TryMember(a, out var address))
        {
            _cluster.Leave(address);
            Say($"{address} leaves");
        }
    }

    private void Down(CommandArguments a)
    {
        if (!TryMember(a, out var address))
            return;
        _cluster.Down(address);
        Say($"{address} is declared dead");
    }

    private void DownUnreachable()
    {
        var unreachable = _cluster.State.Unreachable;
        foreach (var member in unreachable)
            _cluster.Down(member.Address);
        Say(
            string.Join(
                '\n',
                unreachable.Select(m => $"{m.Address} is declared dead").Append($"Count: {unreachable.Count} nodes")
            )
        );
    }

    private void Tail()
    {
        var reader = Sender;
        Context.ActorOf(Props.Create(() => new ClusterTail(reader)));
    }

    private bool TryMember(CommandArguments a, out Address address)
    {
        if (!TryAddress(a, out address))
            return false;
        var wanted = address;
        if (_cluster.State.Members.Any(m => m.Address.Equals(wanted)))
            return true;
        Refuse($"no member {address}: see cluster show");
        return false;
    }

    private bool TryAddress(CommandArguments a, out Address address)
    {
        var text = a.ArgumentValues("address").First();
        try
        {
            address = Address.Parse(text);
        }
        catch (UriFormatException)
        {
            address = Address.AllSystems;
        }
        if (address.HasGlobalScope)
            return true;
        Refuse($"'{text}' is no node's address; it looks like {_cluster.SelfAddress}");
        return false;
    }

    private void Say(string text) => Sender.Tell(new CommandResponse(text));

    private void Refuse(string reason) => Sender.Tell(new ErroredCommandResponse(reason));
}
