using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class MemberPlacementTests
{
    private static readonly LayerId Image = new(Guid.NewGuid());

    [Fact]
    public void The_least_loaded_other_server_that_mirrors_and_has_the_image_is_chosen()
    {
        var (idle, busy) = (Server("idle", Image), Server("busy", Image, devices: 50));
        Assert.Equal("idle", Choose(busy, idle));
        Assert.Equal("busy", MemberPlacement.Choose([busy, idle], ["idle"], Image));
        Assert.Null(Choose(Server("other-image", new(Guid.NewGuid()))));
        Assert.Null(Choose(Server("full", Image, devices: 100)));
        Assert.Null(Choose(idle with { State = ServerState.Silent }));
        Assert.Null(Choose(idle with { IsDraining = true }));
        Assert.Null(Choose(idle with { Status = idle.Status with { MirrorPort = 0 } }));
    }

    [Fact]
    public void The_keepers_own_server_is_chosen_only_where_there_is_no_other()
    {
        var own = Server("a", Image) with { IsSelf = true };
        Assert.Equal("z", Choose(own, Server("z", Image, devices: 99)));
        Assert.Equal("a", Choose(own));
    }

    internal static KnownServer Server(string name, LayerId image, int devices = 0) =>
        new(
            new(name, "10.0.0.1", 1, 1, 1, 1, devices, 100, [image], default, MirrorPort: 9121),
            IsSelf: false,
            ServerState.Up,
            IsDraining: false,
            default
        );

    private static string? Choose(params KnownServer[] servers) => MemberPlacement.Choose(servers, [], Image);
}
