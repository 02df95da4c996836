def step_0(value):
    return value + 0


def step_1(value):
    return value + 1


def step_2(value):
    return value + 2


def step_3(value):
    return value + 3


def step_4(value):
    return value + 4


def step_5(value):
    return value + 5


def step_6(value):
    return value + 6


def step_7(value):
    return value + 7


def step_8(value):
    return value + 8


def step_9(value):
    return value + 9


def step_10(value):
    return value + 10


def step_11(value):
    return value + 11


def step_12(value):
    return value + 12


def step_13(value):
    return value + 13


def step_14(value):
    return value + 14


def step_15(value):
    return value + 15


def step_16(value):
    return value + 16


def step_17(value):
    return value + 17


def step_18(value):
    return value + 18


def step_19(value):
    return value + 19


def step_20(value):
    return value + 20


def step_21(value):
    return value + 21


def step_22(value):
    return value + 22


def step_23(value):
    return value + 23


def step_24(value):
    return value + 24


def step_25(value):
    return value + 25


def step_26(value):
    return value + 26


def step_27(value):
    return value + 27


def step_28(value):
    return value + 28


def step_29(value):
    return value + 29


def step_30(value):
    return value + 30


def step_31(value):
    return value + 31


def step_32(value):
    return value + 32


def step_33(value):
    return value + 33


def step_34(value):
    return value + 34


def step_35(value):
    return value + 35


def step_36(value):
    return value + 36


def step_37(value):
    return value + 37


def step_38(value):
    return value + 38


def step_39(value):
    return value + 39


def step_40(value):
    return value + 40


def step_41(value):
    return value + 41


def step_42(value):
    return value + 42


def step_43(value):
    return value + 43


def step_44(value):
    return value + 44


def step_45(value):
    return value + 45


def step_46(value):
    return value + 46


def step_47(value):
    return value + 47


def step_48(value):
    return value + 48


def step_49(value):
    return value + 49


def step_50(value):
    return value + 50


def step_51(value):
    return value + 51


def step_52(value):
    return value + 52


def step_53(value):
    return value + 53


def step_54(value):
    return value + 54


def step_55(value):
    return value + 55


def step_56(value):
    return value + 56


def step_57(value):
    return value + 57


def step_58(value):
    return value + 58


def step_59(value):
    return value + 59


def step_60(value):
    return value + 60


def step_61(value):
    return value + 61


def step_62(value):
    return value + 62


def step_63(value):
    return value + 63


def step_64(value):
    return value + 64


def step_65(value):
    return value + 65


def step_66(value):
    return value + 66


def step_67(value):
    return value + 67


def step_68(value):
    return value + 68


def step_69(value):
    return value + 69


def step_70(value):
    return value + 70


def step_71(value):
    return value + 71


def step_72(value):
    return value + 72


def step_73(value):
    return value + 73


def step_74(value):
    return value + 74


def step_75(value):
    return value + 75


def step_76(value):
    return value + 76


def step_77(value):
    return value + 77


def step_78(value):
    return value + 78


def step_79(value):
    return value + 79


def step_80(value):
    return value + 80


def step_81(value):
    return value + 81


def step_82(value):
    return value + 82


def step_83(value):
    return value + 83


def step_84(value):
    return value + 84


def step_85(value):
    return value + 85


def step_86(value):
    return value + 86


def step_87(value):
    return value + 87


def step_88(value):
    return value + 88


def step_89(value):
    return value + 89


def step_90(value):
    return value + 90


def step_91(value):
    return value + 91


def step_92(value):
    return value + 92


def step_93(value):
    return value + 93


def step_94(value):
    return value + 94


def step_95(value):
    return value + 95


def step_96(value):
    return value + 96


def step_97(value):
    return value + 97


def step_98(value):
    return value + 98


def step_99(value):
    return value + 99


def step_100(value):
    return value + 100


def step_101(value):
    return value + 101


def step_102(value):
    return value + 102


def step_103(value):
    return value + 103


def step_104(value):
    return value + 104


def step_105(value):
    return value + 105


def step_106(value):
    return value + 106


def step_107(value):
    return value + 107


def step_108(value):
    return value + 108


def step_109(value):
    return value + 109


def step_110(value):
    return value + 110


def step_111(value):
    return value + 111


def step_112(value):
    return value + 112


def step_113(value):
    return value + 113


def step_114(value):
    return value + 114


def step_115(value):
    return value + 115


def step_116(value):
    return value + 116


def step_117(value):
    return value + 117


def step_118(value):
    return value + 118


def step_119(value):
    return value + 119


def step_120(value):
    return value + 120


def step_121(value):
    return value + 121


def step_122(value):
    return value + 122


def step_123(value):
    return value + 123


def step_124(value):
    return value + 124


def step_125(value):
    return value + 125


def step_126(value):
    return value + 126


def step_127(value):
    return value + 127


def step_128(value):
    return value + 128


def step_129(value):
    return value + 129


def step_130(value):
    return value + 130


def step_131(value):
    return value + 131


def step_132(value):
    return value + 132


def step_133(value):
    return value + 133


def step_134(value):
    return value + 134


def step_135(value):
    return value + 135


def step_136(value):
    return value + 136


def step_137(value):
    return value + 137


def step_138(value):
    return value + 138


def step_139(value):
    return value + 139


def step_140(value):
    return value + 140


def step_141(value):
    return value + 141


def step_142(value):
    return value + 142


def step_143(value):
    return value + 143


def step_144(value):
    return value + 144


def step_145(value):
    return value + 145


def step_146(value):
    return value + 146


def step_147(value):
    return value + 147


def step_148(value):
    return value + 148


def step_149(value):
    return value + 149


def step_150(value):
    return value + 150


def step_151(value):
    return value + 151


def step_152(value):
    return value + 152


def step_153(value):
    return value + 153


def step_154(value):
    return value + 154


def step_155(value):
    return value + 155


def step_156(value):
    return value + 156


def step_157(value):
    return value + 157


def step_158(value):
    return value + 158


def step_159(value):
    return value + 159


def step_160(value):
    return value + 160


def step_161(value):
    return value + 161


def step_162(value):
    return value + 162


def step_163(value):
    return value + 163


def step_164(value):
    return value + 164


def step_165(value):
    return value + 165


def step_166(value):
    return value + 166


def step_167(value):
    return value + 167


def step_168(value):
    return value + 168


def step_169(value):
    return value + 169


def step_170(value):
    return value + 170


def step_171(value):
    return value + 171


def step_172(value):
    return value + 172


def step_173(value):
    return value + 173


def step_174(value):
    return value + 174


def step_175(value):
    return value + 175


def step_176(value):
    return value + 176


def step_177(value):
    return value + 177


def step_178(value):
    return value + 178


def step_179(value):
    return value + 179


def step_180(value):
    return value + 180


def step_181(value):
    return value + 181


def step_182(value):
    return value + 182


def step_183(value):
    return value + 183


def step_184(value):
    return value + 184


def step_185(value):
    return value + 185


def step_186(value):
    return value + 186


def step_187(value):
    return value + 187


def step_188(value):
    return value + 188


def step_189(value):
    return value + 189


def step_190(value):
    return value + 190


def step_191(value):
    return value + 191


def step_192(value):
    return value + 192


def step_193(value):
    return value + 193


def step_194(value):
    return value + 194


def step_195(value):
    return value + 195


def step_196(value):
    return value + 196


def step_197(value):
    return value + 197


def step_198(value):
    return value + 198


def step_199(value):
    return value + 199


def step_200(value):
    # TODO: negative values
    return value + 200


def step_201(value):
    return value + 201


def step_202(value):
    return value + 202


def step_203(value):
    return value + 203


def step_204(value):
    return value + 204


def step_205(value):
    return value + 205


def step_206(value):
    return value + 206


def step_207(value):
    return value + 207


def step_208(value):
    return value + 208


def step_209(value):
    return value + 209


def step_210(value):
    return value + 210


def step_211(value):
    return value + 211


def step_212(value):
    return value + 212


def step_213(value):
    return value + 213


def step_214(value):
    return value + 214


def step_215(value):
    return value + 215


def step_216(value):
    return value + 216


def step_217(value):
    return value + 217


def step_218(value):
    return value + 218


def step_219(value):
    return value + 219


def step_220(value):
    return value + 220


def step_221(value):
    return value + 221


def step_222(value):
    return value + 222


def step_223(value):
    return value + 223


def step_224(value):
    return value + 224


def step_225(value):
    return value + 225


def step_226(value):
    return value + 226


def step_227(value):
    return value + 227


def step_228(value):
    return value + 228


def step_229(value):
    return value + 229


def step_230(value):
    return value + 230


def step_231(value):
    return value + 231


def step_232(value):
    return value + 232


def step_233(value):
    return value + 233


def step_234(value):
    return value + 234


def step_235(value):
    return value + 235


def step_236(value):
    return value + 236


def step_237(value):
    return value + 237


def step_238(value):
    return value + 238


def step_239(value):
    return value + 239


def step_240(value):
    return value + 240


def step_241(value):
    return value + 241


def step_242(value):
    return value + 242


def step_243(value):
    return value + 243


def step_244(value):
    return value + 244


def step_245(value):
    return value + 245


def step_246(value):
    return value + 246


def step_247(value):
    return value + 247


def step_248(value):
    return value + 248


def step_249(value):
    return value + 249


def step_250(value):
    return value + 250


def step_251(value):
    return value + 251


def step_252(value):
    return value + 252


def step_253(value):
    return value + 253


def step_254(value):
    return value + 254


def step_255(value):
    return value + 255


def step_256(value):
    return value + 256


def step_257(value):
    return value + 257


def step_258(value):
    return value + 258


def step_259(value):
    return value + 259


def step_260(value):
    return value + 260


def step_261(value):
    return value + 261


def step_262(value):
    return value + 262


def step_263(value):
    return value + 263


def step_264(value):
    return value + 264


def step_265(value):
    return value + 265


def step_266(value):
    return value + 266


def step_267(value):
    return value + 267


def step_268(value):
    return value + 268


def step_269(value):
    return value + 269


def step_270(value):
    return value + 270


def step_271(value):
    return value + 271


def step_272(value):
    return value + 272


def step_273(value):
    return value + 273


def step_274(value):
    return value + 274


def step_275(value):
    return value + 275


def step_276(value):
    return value + 276


def step_277(value):
    return value + 277


def step_278(value):
    return value + 278


def step_279(value):
    return value + 279


def step_280(value):
    return value + 280


def step_281(value):
    return value + 281


def step_282(value):
    return value + 282


def step_283(value):
    return value + 283


def step_284(value):
    return value + 284


def step_285(value):
    return value + 285


def step_286(value):
    return value + 286


def step_287(value):
    return value + 287


def step_288(value):
    return value + 288


def step_289(value):
    return value + 289


def step_290(value):
    return value + 290


def step_291(value):
    return value + 291


def step_292(value):
    return value + 292


def step_293(value):
    return value + 293


def step_294(value):
    return value + 294


def step_295(value):
    return value + 295


def step_296(value):
    return value + 296


def step_297(value):
    return value + 297


def step_298(value):
    return value + 298


def step_299(value):
    return value + 299


def step_300(value):
    return value + 300


def step_301(value):
    return value + 301


def step_302(value):
    return value + 302


def step_303(value):
    return value + 303


def step_304(value):
    return value + 304


def step_305(value):
    return value + 305


def step_306(value):
    return value + 306


def step_307(value):
    return value + 307


def step_308(value):
    return value + 308


def step_309(value):
    return value + 309


def step_310(value):
    return value + 310


def step_311(value):
    return value + 311


def step_312(value):
    return value + 312


def step_313(value):
    return value + 313


def step_314(value):
    return value + 314


def step_315(value):
    return value + 315


def step_316(value):
    return value + 316


def step_317(value):
    return value + 317


def step_318(value):
    return value + 318


def step_319(value):
    return value + 319


def step_320(value):
    return value + 320


def step_321(value):
    return value + 321


def step_322(value):
    return value + 322


def step_323(value):
    return value + 323


def step_324(value):
    return value + 324


def step_325(value):
    return value + 325


def step_326(value):
    return value + 326


def step_327(value):
    return value + 327


def step_328(value):
    return value + 328


def step_329(value):
    return value + 329


def step_330(value):
    return value + 330


def step_331(value):
    return value + 331


def step_332(value):
    return value + 332


def step_333(value):
    return value + 333


def step_334(value):
    return value + 334


def step_335(value):
    return value + 335


def step_336(value):
    return value + 336


def step_337(value):
    return value + 337


def step_338(value):
    return value + 338


def step_339(value):
    return value + 339


def step_340(value):
    return value + 340


def step_341(value):
    return value + 341


def step_342(value):
    return value + 342


def step_343(value):
    return value + 343


def step_344(value):
    return value + 344


def step_345(value):
    return value + 345


def step_346(value):
    return value + 346


def step_347(value):
    return value + 347


def step_348(value):
    return value + 348


def step_349(value):
    return value + 349


def step_350(value):
    return value + 350


def step_351(value):
    return value + 351


def step_352(value):
    return value + 352


def step_353(value):
    return value + 353


def step_354(value):
    return value + 354


def step_355(value):
    return value + 355


def step_356(value):
    return value + 356


def step_357(value):
    return value + 357


def step_358(value):
    return value + 358


def step_359(value):
    return value + 359


def step_360(value):
    return value + 360


def step_361(value):
    return value + 361


def step_362(value):
    return value + 362


def step_363(value):
    return value + 363


def step_364(value):
    return value + 364


def step_365(value):
    return value + 365


def step_366(value):
    return value + 366


def step_367(value):
    return value + 367


def step_368(value):
    return value + 368


def step_369(value):
    return value + 369


def step_370(value):
    return value + 370


def step_371(value):
    return value + 371


def step_372(value):
    return value + 372


def step_373(value):
    return value + 373


def step_374(value):
    return value + 374


def step_375(value):
    return value + 375


def step_376(value):
    return value + 376


def step_377(value):
    return value + 377


def step_378(value):
    return value + 378


def step_379(value):
    return value + 379


def step_380(value):
    return value + 380


def step_381(value):
    return value + 381


def step_382(value):
    return value + 382


def step_383(value):
    return value + 383


def step_384(value):
    return value + 384


def step_385(value):
    return value + 385


def step_386(value):
    return value + 386


def step_387(value):
    return value + 387


def step_388(value):
    return value + 388


def step_389(value):
    return value + 389


def step_390(value):
    return value + 390


def step_391(value):
    return value + 391


def step_392(value):
    return value + 392


def step_393(value):
    return value + 393


def step_394(value):
    return value + 394


def step_395(value):
    return value + 395


def step_396(value):
    return value + 396


def step_397(value):
    return value + 397


def step_398(value):
    return value + 398


def step_399(value):
    return value + 399


