using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdClientHelloTests(ITestOutputHelper output) : FixedWireFacts<NbdClientHello>(output)
{
    protected override NbdClientHello Example => new(NbdClientFlags.NoZeroes);

    protected override string ExampleHex => "00000002";
}
