using Hatchery.Disks;

namespace Hatchery.Devices.Tests.Capture;

public sealed class CaptureRulesTests
{
    private static readonly DeviceId s_device = new(Guid.NewGuid());

    [Fact]
    public void Order_stands_until_it_is_ended_and_goes_with_its_device()
    {
        var order = Order("golden");
        var state = Happened(Known(), new OrderCapture(s_device, order));
        Assert.Equal(order, state.Capture);
        Assert.Empty(Decide(state, new OrderCapture(s_device, order)).Events);
        Assert.Equal(Refusal.Conflict, Decide(state, new OrderCapture(s_device, Order("other"))).Refused?.Refusal);
        Assert.Null(state.Apply(new DeviceRemoved(default)).Capture);
        Assert.Null(Happened(state, new EndCapture(s_device, order.Image, null)).Capture);
    }

    [Fact]
    public void End_of_another_order_changes_nothing()
    {
        var state = Happened(Known(), new OrderCapture(s_device, Order("golden")));
        Assert.Empty(Decide(state, new EndCapture(s_device, new(Guid.NewGuid()), "late")).Events);
        Assert.Empty(Decide(Known(), new EndCapture(s_device, state.Capture!.Image, "late")).Events);
    }

    [Theory]
    [InlineData("/dev/sda", true)]
    [InlineData("/dev/disk/by-id/nvme-eui.0025_1:2", true)]
    [InlineData("/dev/", false)]
    [InlineData("sda", false)]
    [InlineData("/dev/sda quiet", false)]
    [InlineData("/dev/../etc/shadow", false)]
    [InlineData("/dev/sda${net0/mac}", false)]
    public void Disk_is_a_path_that_a_kernels_command_line_can_have(string disk, bool isOne)
    {
        Assert.Equal(isOne, CaptureOrder.IsDisk(disk));
        var decided = Decide(Known(), new OrderCapture(s_device, Order("golden") with { Disk = disk }));
        Assert.Equal(isOne ? null : Refusal.Invalid, decided.Refused?.Refusal);
    }

    private static CaptureOrder Order(string name) =>
        new(new(Guid.NewGuid()), name, new LayerId(Guid.NewGuid()), "one", default);

    private static DeviceState Known() =>
        DeviceState.Unknown(s_device).Apply(new DeviceAdded("pc07", [], null, default));

    private static Decision<IDeviceEvent> Decide(DeviceState state, IDeviceCommand command) =>
        DeviceRules.Decide(state, command, default);

    private static DeviceState Happened(DeviceState state, IDeviceCommand command)
    {
        var decided = Decide(state, command);
        Assert.Null(decided.Refused);
        return decided.Events.Aggregate(state, (s, e) => s.Apply(e));
    }
}
