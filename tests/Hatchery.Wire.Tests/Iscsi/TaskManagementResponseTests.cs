using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class TaskManagementResponseTests(ITestOutputHelper output)
    : FixedWireFacts<TaskManagementResponse>(output)
{
    protected override TaskManagementResponse Example =>
        new(TaskOutcome.NoSuchTask, 0xaabbccdd, new SequenceNumbers(0xa1, 0xa2, 0xa3));

    protected override string ExampleHex =>
        "22 80 01 00 00 000000 0000000000000000 aabbccdd 00000000 000000a1 000000a2 000000a3 000000000000000000000000";
}
