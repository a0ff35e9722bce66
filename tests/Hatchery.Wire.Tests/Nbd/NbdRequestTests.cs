using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdRequestTests(ITestOutputHelper output) : FixedWireFacts<NbdRequest>(output)
{
    protected override NbdRequest Example =>
        new(
            NbdCommandFlags.ForceUnitAccess,
            NbdCommand.WriteZeroes,
            0x1122334455667788,
            0x0102030405060708,
            0x00010000
        );

    protected override string ExampleHex => "25609513 0001 0006 1122334455667788 0102030405060708 00010000";
}
