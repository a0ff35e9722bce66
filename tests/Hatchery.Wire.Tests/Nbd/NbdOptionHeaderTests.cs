using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdOptionHeaderTests(ITestOutputHelper output) : FixedWireFacts<NbdOptionHeader>(output)
{
    protected override NbdOptionHeader Example => new(NbdOption.Go, 0x1234);

    protected override string ExampleHex => "49484156454f5054 00000007 00001234";
}
