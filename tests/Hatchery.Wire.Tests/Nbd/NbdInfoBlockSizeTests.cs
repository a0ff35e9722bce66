using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdInfoBlockSizeTests(ITestOutputHelper output) : FixedWireFacts<NbdInfoBlockSize>(output)
{
    protected override NbdInfoBlockSize Example => new(512, 4096, 0x02000000);

    protected override string ExampleHex => "0003 00000200 00001000 02000000";
}
