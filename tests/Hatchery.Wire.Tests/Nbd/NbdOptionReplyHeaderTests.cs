using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdOptionReplyHeaderTests(ITestOutputHelper output) : FixedWireFacts<NbdOptionReplyHeader>(output)
{
    protected override NbdOptionReplyHeader Example => new(NbdOption.Info, NbdOptionReplyType.Unknown, 5);

    protected override string ExampleHex => "0003e889045565a9 00000006 80000006 00000005";
}
