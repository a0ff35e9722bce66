using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class MemberPlacementTests
{
    private static readonly LayerId Image = new(Guid.NewGuid());

    [Fact]
    public void The_least_loaded_other_server_that_mirrors_and_has_the_image_is_chosen()
    {
        var (idle, busy) = (FarmFixture.Server("idle", Image), FarmFixture.Server("busy", Image, devices: 50));
        Assert.Equal("idle", Choose(busy, idle));
        Assert.Equal("busy", MemberPlacement.Choose([busy, idle], ["idle"], Image));
        Assert.Null(Choose(FarmFixture.Server("other-image", new(Guid.NewGuid()))));
        Assert.Null(Choose(FarmFixture.Server("full", Image, devices: 100)));
        Assert.Null(Choose(idle with { State = ServerState.Silent }));
        Assert.Null(Choose(idle with { IsDraining = true }));
        Assert.Null(Choose(idle with { Status = idle.Status with { MirrorPort = 0 } }));
        Assert.Null(Choose(idle with { Status = idle.Status with { IsFull = true } }));
        Assert.Null(Choose(idle with { Status = idle.Status with { IsStoreLost = true } }));
    }

    [Fact]
    public void The_keepers_own_server_is_chosen_only_where_there_is_no_other()
    {
        var own = FarmFixture.Server("a", Image) with { IsSelf = true };
        Assert.Equal("z", Choose(own, FarmFixture.Server("z", Image, devices: 99)));
        Assert.Equal("a", Choose(own));
    }

    private static string? Choose(params KnownServer[] servers) => MemberPlacement.Choose(servers, [], Image);
}
