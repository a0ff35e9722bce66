using Akka.Actor;

namespace Akka.Cluster.Tests;

public sealed class UniqueAddressTests
{
    private static readonly Address Node = new("akka.tcp", "farm", "host-1", 2552);

    [Fact]
    public void Incarnations_of_one_node_differ()
    {
        Assert.NotEqual(new UniqueAddress(Node, 1), new UniqueAddress(Node, 2));
        Assert.True(new UniqueAddress(Node, 1) == new UniqueAddress(Node, 1));
    }

    [Fact]
    public void The_host_decides_the_order_before_the_port_and_the_port_before_the_incarnation()
    {
        var ordered = new[]
        {
            new UniqueAddress(Node, 1),
            new UniqueAddress(Node, 2),
            new UniqueAddress(Node.WithPort(2553), 0),
            new UniqueAddress(Node.WithHost("host-2").WithPort(1), 0),
        };

        Assert.Equal(ordered, ordered.Reverse().Order());
    }

    [Fact]
    public void Addresses_are_ordered_by_host_and_port_alone() =>
        Assert.Equal(0, Member.AddressOrdering.Compare(Node, Node.WithSystem("other").WithProtocol("akka")));
}
