using Hatchery.Wire.Scsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Scsi;

public sealed class SenseDataTests(ITestOutputHelper output) : FixedWireFacts<SenseData>(output)
{
    protected override SenseData Example => SenseData.SpaceAllocationFailed;

    protected override string ExampleHex => "70 00 07 00000000 0a 00000000 27 07 00000000";
}
