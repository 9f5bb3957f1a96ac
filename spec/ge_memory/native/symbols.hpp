// The names that the Itanium C++ ABI gives to what the recorder stands in front of, from the signatures of
// ge/ge_api_v2.h; a test compares them with what the compiler makes of that header.
#ifndef CALLPROOF_GE_MEMORY_SYMBOLS_HPP_
#define CALLPROOF_GE_MEMORY_SYMBOLS_HPP_

#define GE_SETTINGS "ERKSt3mapINS_12AscendStringES1_St4lessIS1_ESaISt4pairIKS1_S1_EEE"
#define GE_SESSION_SETTINGS "RKSt3mapINS_12AscendStringES2_St4lessIS2_ESaISt4pairIKS2_S2_EEE"
#define GE_GRAPH_SETTINGS "RKSt3mapINS_12AscendStringES5_St4lessIS5_ESaISt4pairIKS5_S5_EEE"

namespace symbols {

constexpr char kInitialise[] = "_ZN2ge14GEInitializeV2" GE_SETTINGS;
constexpr char kFinalise[] = "_ZN2ge12GEFinalizeV2Ev";
constexpr char kAddGraph[] = "_ZN2ge9GeSession8AddGraphEjRKNS_5GraphE";
constexpr char kAddGraphWith[] = "_ZN2ge9GeSession8AddGraphEjRKNS_5GraphE" GE_GRAPH_SETTINGS;
constexpr char kAddClone[] = "_ZN2ge9GeSession13AddGraphCloneEjRKNS_5GraphE";
constexpr char kAddCloneWith[] = "_ZN2ge9GeSession13AddGraphCloneEjRKNS_5GraphE" GE_GRAPH_SETTINGS;
constexpr char kRemoveGraph[] = "_ZN2ge9GeSession11RemoveGraphEj";
constexpr char kCompile[] = "_ZN2ge9GeSession12CompileGraphEj";
constexpr char kCompileWith[] = "_ZN2ge9GeSession12CompileGraphEjRKSt6vectorINS_6TensorESaIS2_EE";
constexpr char kSummary[] = "_ZN2ge9GeSession23GetCompiledGraphSummaryEj";
constexpr char kLoad[] = "_ZNK2ge9GeSession9LoadGraphEj" GE_SESSION_SETTINGS "Pv";
constexpr char kRun[] = "_ZN2ge9GeSession8RunGraphEjRKSt6vectorIN4gert6TensorESaIS3_EERS5_";
constexpr char kRunAsync[] =
    "_ZN2ge9GeSession13RunGraphAsyncEjRKSt6vectorIN4gert6TensorESaIS3_EESt8functionIFvjRS5_EE";
constexpr char kRunWithStream[] =
    "_ZN2ge9GeSession23RunGraphWithStreamAsyncEjPvRKSt6vectorIN4gert6TensorESaIS4_EERS6_";
constexpr char kSetConst[] = "_ZN2ge9GeSession23SetGraphConstMemoryBaseEjPKvm";
constexpr char kUpdateFeature[] = "_ZN2ge9GeSession28UpdateGraphFeatureMemoryBaseEjPKvm";
constexpr char kUpdateRefreshable[] = "_ZN2ge9GeSession39UpdateGraphRefreshableFeatureMemoryBaseEjPKvm";
constexpr char kSetFixed[] = "_ZN2ge9GeSession38SetGraphFixedFeatureMemoryBaseWithTypeEjNS_10MemoryTypeEPKvm";
constexpr char kRegister[] = "_ZNK2ge9GeSession25RegisterExternalAllocatorEPKvSt10shared_ptrINS_9AllocatorEE";
constexpr char kUnregister[] = "_ZNK2ge9GeSession27UnregisterExternalAllocatorEPKv";

// A constructor and a destructor have no address in C++, so the recorder's own take these names.
#define GE_SESSION_BEGINS "_ZN2ge9GeSessionC1E" GE_SESSION_SETTINGS
#define GE_SESSION_ENDS "_ZN2ge9GeSessionD1Ev"

}  // namespace symbols

#endif  // CALLPROOF_GE_MEMORY_SYMBOLS_HPP_
