using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class TaskManagementRequestTests(ITestOutputHelper output) : FixedWireFacts<TaskManagementRequest>(output)
{
    protected override TaskManagementRequest Example =>
        new(true, TaskFunction.LogicalUnitReset, 0x0102030405060708, 0xaabbccdd, 0xd1, 0xb1, 0xb2, 0xc1, 0xc2);

    protected override string ExampleHex =>
        "42 85 0000 00 000000 0102030405060708 aabbccdd 000000d1 000000b1 000000b2 000000c1 000000c2 0000000000000000";
}
